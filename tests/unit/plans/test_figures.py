"""Figures: what they weigh, how they fold large plans, what their titles say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from plotly.graph_objects import Figure

from dbbuddy.data_files import DATA
from dbbuddy.plans.figures import Measures, bars, flame, flow, palette
from dbbuddy.plans.figures.bars import title as bars_title
from dbbuddy.plans.figures.flame import title as flame_title
from dbbuddy.plans.figures.flow import title as flow_title
from dbbuddy.plans.figures.folding import fold
from dbbuddy.plans.model import Plan, PlanNode
from dbbuddy.plans.read import read_plans
from tests.unit.plans.made import append, chain

SAMPLES = sorted(path for path in (DATA / "samples" / "plans").iterdir() if path.suffix != ".yaml")


def drawn(figure: Figure) -> dict[str, object]:
    parsed: dict[str, object] = json.loads(figure.to_json())
    return parsed


@pytest.fixture(params=SAMPLES, ids=lambda path: path.stem)
def sample(request: pytest.FixtureRequest) -> Measures:
    path: Path = request.param
    return Measures(read_plans(path.read_text(encoding="utf-8")).plans[0])


class TestMeasures:
    def test_children_fit_into_their_parents(self, sample: Measures) -> None:
        for number, node in enumerate(sample.nodes):
            below = sum(sample.inclusive[sample.view.number(child)] for child in node.children)
            assert below <= sample.inclusive[number] + 1e-9

    def test_own_parts_make_up_the_whole(self, sample: Measures) -> None:
        assert sum(sample.own) == pytest.approx(sample.total)
        assert sum(sample.share(number) for number in range(len(sample.nodes))) == pytest.approx(1)

    def test_self_times_add_up(self, sample: Measures) -> None:
        assert sample.sum_check is not None
        summed, total = sample.sum_check
        assert summed == pytest.approx(total, rel=0.01)

    def test_a_plan_that_did_not_run_weighs_cost(self) -> None:
        plan = read_plans(
            "Hash Join  (cost=10.00..100.00 rows=50 width=8)\n"
            "  Hash Cond: (a.id = b.id)\n"
            "  ->  Seq Scan on a  (cost=0.00..60.00 rows=1000 width=8)\n"
            "  ->  Hash  (cost=10.00..10.00 rows=10 width=8)\n"
            "        ->  Seq Scan on b  (cost=0.00..10.00 rows=10 width=8)"
        ).plans[0]
        measures = Measures(plan)
        assert measures.weight == "cost"
        assert measures.sum_check is None
        assert flame_title(measures) == "Seq Scan on a alone takes 60 % of the estimated cost"
        assert "time" not in measures.colourings()

    def test_a_plan_without_numbers_weighs_steps(self) -> None:
        measures = Measures(Plan("postgresql", "text", PlanNode("Limit", children=[PlanNode("Seq Scan", relation="t")])))
        assert measures.weight == "steps"
        assert flame_title(measures) == "The plan tells no times, costs or rows"
        assert measures.colourings() == []

    def test_buffers_are_without_those_below(self) -> None:
        scan = PlanNode("Seq Scan", details={"Shared Hit Blocks": 70, "Shared Read Blocks": 10})
        silent = PlanNode("Hash", children=[scan])
        root = PlanNode("Sort", details={"Shared Hit Blocks": 75, "Shared Read Blocks": 10}, children=[silent])
        assert Measures(Plan("postgresql", "text", root)).buffers == [5, None, 80]


class TestFolding:
    def test_small_plans_are_shown_whole(self) -> None:
        measures = Measures(append(20))
        assert fold(measures, 50).shown == list(range(21))

    def test_the_weightiest_are_shown_and_none_is_lost(self) -> None:
        measures = Measures(append(5_000))
        found = fold(measures, 100, always=[4_000])
        assert 4_000 in found.shown
        assert len(found.shown) <= 102
        assert len(found.shown) + found.hidden == 5_001
        shown_weight = sum(measures.own[number] for number in found.shown)
        assert shown_weight + sum(found.hidden_weight.values()) == pytest.approx(measures.total)

    def test_what_was_opened_is_shown(self) -> None:
        measures = Measures(append(500))
        assert len(fold(measures, 50).shown) <= 51
        assert len(fold(measures, 50, opened=[0]).shown) == 100
        assert len(fold(measures, 50, opened=[0, 0]).shown) == 150

    def test_deep_plans(self) -> None:
        measures = Measures(chain(3_000))
        found = fold(measures, 100)
        assert len(found.shown) + found.hidden == 3_000
        assert json.dumps(drawn(flame(measures)))


class TestFigures:
    @pytest.mark.parametrize("draw", [flame, bars, flow])
    def test_samples_are_drawn_with_titles(self, sample: Measures, draw: object) -> None:
        assert callable(draw)
        assert drawn(draw(sample))["data"]
        for title in (flame_title(sample), bars_title(sample), flow_title(sample)):
            assert title
            assert len(title) < 140

    @pytest.mark.parametrize("size", [5_000, 20_000])
    def test_the_payload_of_large_plans_is_bounded(self, size: int) -> None:
        measures = Measures(append(size))
        for figure in (flame(measures), bars(measures), flow(measures)):
            assert len(figure.to_json()) < 120_000

    def test_each_colouring_gives_each_step_a_colour(self, sample: Measures) -> None:
        for by in sample.colourings():
            colours = drawn(flame(sample, by))["data"][0]["marker"]["colors"]  # type: ignore[index]
            assert len(colours) == len(sample.nodes)
            assert all(colour.startswith("#") and len(colour) == 7 for colour in colours)

    def test_names_cannot_act_as_html(self) -> None:
        plan = append(3)
        for node in plan.root.children:
            node.relation = "<img src=x onerror=alert(1)>"
        for figure in (flame(Measures(plan)), bars(Measures(plan)), flow(Measures(plan))):
            assert "<img" not in figure.to_json().encode().decode("unicode_escape")

    def test_rows_thrown_away_are_told(self) -> None:
        scan = PlanNode(
            "Seq Scan",
            relation="orders",
            rows_actual=10,
            loops=1,
            self_ms=5,
            total_ms=5,
            details={"Rows Removed by Filter": 90_000},
        )
        measures = Measures(Plan("postgresql", "text", scan))
        assert flow_title(measures) == "Seq Scan on orders reads and throws away 90 k rows; the result has 10"
        assert any("thrown away" in label for label in drawn(flow(measures))["data"][0]["node"]["label"])  # type: ignore[index]


class TestPalette:
    def test_light_and_dark_ends_differ_in_lightness(self) -> None:
        def lightness(colour: str) -> float:
            return sum(int(colour[at : at + 2], 16) * weight for at, weight in ((1, 0.299), (3, 0.587), (5, 0.114)))

        steps = [lightness(palette.colour(value / 10, "time", (0, 1))) for value in range(11)]
        assert steps == sorted(steps)
        assert steps[-1] - steps[0] > 80

    @pytest.mark.parametrize("value", [-9.0, -1.0, 0.0, 0.4, 1.0, 99.0])
    def test_values_beyond_the_ends_keep_the_last_colour(self, value: float) -> None:
        assert palette.colour(value, "misestimate", (-3, 3)).startswith("#")

    def test_unknown_has_a_colour_of_its_own(self) -> None:
        assert palette.colour(None, "time", (0, 1)) == palette.UNKNOWN
        assert palette.text_on("#ffffff") == "#101718"
        assert palette.text_on("#000000") == "#ffffff"
