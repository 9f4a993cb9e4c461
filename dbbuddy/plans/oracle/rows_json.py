from dbbuddy.plans.model import PlanError, ReadPlans
def looks_like(text: str) -> bool:
    return False
def read(text: str) -> ReadPlans:
    raise PlanError("")
