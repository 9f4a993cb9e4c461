"""What the app saves and costs, as a range, from the episodes in the logs and assumptions that managers state.

`ledger` reads what there is to credit and on which evidence, `assumptions` says what must be assumed, `draws` and `model` turn
both into a range, `rungs` says how strong the evidence is, `solver` what would have to be true for another result, `example` sets
it beside the plan's own arithmetic; `assess` is the façade. `sampling` picks the answers that DBAs grade, `reading` reads tickets
from before the launch.
"""
