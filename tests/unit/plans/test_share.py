"""Shared files: complete, harmless whatever the names are, and anonymous on request."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dbbuddy.data_files import DATA
from dbbuddy.plans.figures import Measures
from dbbuddy.plans.insights import find_insights
from dbbuddy.plans.insights.insight import Insight
from dbbuddy.plans.model import Plan, PlanNode
from dbbuddy.plans.prose import safe_markdown
from dbbuddy.plans.prose import to_html as prose_html
from dbbuddy.plans.read import read_plans
from dbbuddy.plans.share import anonymised, to_html, to_markdown
from dbbuddy.plans.share.expressions import Names, hidden
from tests.unit.plans.made import HOSTILE, append, chain, hostile

SAMPLES = sorted(path for path in (DATA / "samples" / "plans").iterdir() if path.suffix != ".yaml")
USERS_WORDS = [
    "orders",
    "customers",
    "order_items",
    "customer_id",
    "product_id",
    "quantity",
    "placed_at",
    "status",
    "shipped",
    "'paid'",
    "'OPEN'",
    "revenue",
    "order_items_order",
    "IX_Orders_CustomerId",
    "PK_Orders",
    "Shop",
    "CUSTOMERS_PK",
    "ORDER_ITEMS_IX",
    "4711",
    "2025",
    "@customer",
    "o.note",
]


class Tags(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(page)
    return parser.seen


def finding_about(plan: Plan, text: str) -> Insight:
    node = plan.root.children[0]
    return Insight(
        "scan-discards-rows", text, "critical", node, 1, (text,), f"In `{text}`: {text}", text, (), 0.9, "measured", text
    )


@pytest.fixture(params=SAMPLES, ids=lambda path: path.stem)
def sample(request: pytest.FixtureRequest) -> Plan:
    path: Path = request.param
    return read_plans(path.read_text(encoding="utf-8")).plans[0]


class TestHtml:
    def test_is_complete_and_asks_nobody(self, sample: Plan) -> None:
        page = to_html(Measures(sample), find_insights(sample), "the text")
        found = tags(page)
        assert {tag for tag, _ in found} <= {
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "h1",
            "h2",
            "h3",
            "p",
            "details",
            "summary",
            "pre",
            "section",
            "span",
            "code",
            "a",
            "strong",
            "ul",
            "li",
            "div",
            "svg",
            "g",
            "rect",
            "text",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
        }
        for _, attributes in found:
            assert "src" not in attributes
            assert (attributes.get("href") or "#").startswith("#")
        assert "url(" not in page
        assert "@import" not in page
        assert "default-src 'none'" in page
        assert "prefers-color-scheme: dark" in page
        assert "@media print" in page

    def test_links_lead_to_steps(self, sample: Plan) -> None:
        found = tags(to_html(Measures(sample), find_insights(sample)))
        anchors = {attributes.get("id") for _, attributes in found}
        assert all((attributes["href"] or "")[1:] in anchors for tag, attributes in found if tag == "a")

    def test_names_cannot_inject(self) -> None:
        plan = hostile()
        page = to_html(Measures(plan), [finding_about(plan, HOSTILE)], HOSTILE)
        found = tags(page)
        assert not {tag for tag, _ in found} & {"img", "script"}
        assert not any(name.startswith("on") for _, attributes in found for name in attributes)
        assert "&lt;img src=x" in page

    @pytest.mark.parametrize("plan", [append(5_000), chain(5_000)], ids=["wide", "deep"])
    def test_large_plans_stay_bounded(self, plan: Plan) -> None:
        assert len(to_html(Measures(plan), ())) < 1_500_000


class TestMarkdown:
    def test_holds_findings_and_steps(self, sample: Plan) -> None:
        found = find_insights(sample)
        text = to_markdown(Measures(sample), found)
        assert text.startswith("## ")
        assert all(finding.title in text for finding in found)
        assert text.count("```") % 2 == 0

    def test_names_stay_text(self) -> None:
        plan = hostile()
        text = to_markdown(Measures(plan), [finding_about(plan, "x ![](http://127.0.0.1:9/x) <script>alert(1)</script>")])
        outside = re.sub(r"(?s)(`{1,5})(?!`).*?\1", "", text)
        assert "![](" not in outside.split("### 1.")[1].split("\n", 1)[1]


class TestProse:
    @pytest.mark.parametrize(
        "text", ["![](http://x/y)", "[a](http://x)", "<b>x</b>", "$$x$$", ":red[boo]", "a`b", "`a ![](x)` ![](y)", "``x`` <i>"]
    )
    def test_only_code_and_bold_act(self, text: str) -> None:
        outside = re.sub(r"`[^`]*`", "", safe_markdown(text).replace(r"\`", ""))
        assert not re.search(r"(?<!\\)[\[\]<>$!]", outside)
        assert not {tag for tag, _ in tags(prose_html(text))} - {"p", "code", "strong", "ul", "li"}

    def test_what_is_meant_is_kept(self) -> None:
        assert safe_markdown("**Bold** and `a < b`\n\n- item") == "**Bold** and `a < b`\n\n- item"
        assert prose_html("**Bold** `a < b`\n- one\n- two") == (
            "<p><strong>Bold</strong> <code>a &lt; b</code></p>\n<ul><li>one</li><li>two</li></ul>"
        )


class TestAnonymised:
    def test_no_name_and_no_literal_is_left(self, sample: Plan) -> None:
        plan = anonymised(sample)
        measures = Measures(plan)
        findings = find_insights(plan)
        shared = to_html(measures, findings) + to_markdown(measures, findings) + repr(plan)
        for word in USERS_WORDS:
            pattern = rf"(?<![A-Za-z0-9_.,]){re.escape(word)}(?![A-Za-z0-9_,])"
            assert not re.search(pattern, re.sub(r"data-\w+", "", shared)), word

    def test_the_shape_stays(self, sample: Plan) -> None:
        plan = anonymised(sample)
        for node, mine in zip(sample.root.walk(), plan.root.walk(), strict=True):
            assert (node.rows_actual, node.self_ms, node.loops, len(node.children)) == (
                mine.rows_actual,
                mine.self_ms,
                mine.loops,
                len(mine.children),
            )
            assert (node.relation is None) == (mine.relation is None)
        assert plan.totals == sample.totals

    def test_the_original_is_untouched(self, sample: Plan) -> None:
        before = repr(sample)
        anonymised(sample)
        assert repr(sample) == before

    def test_the_same_name_has_the_same_token(self) -> None:
        scan = PlanNode("Seq Scan", relation="Orders", alias="o", details={"Filter": '(o.day > 5) AND ("Orders".day < 7)'})
        again = PlanNode("Index Scan", relation="orders", index="orders_day", details={"Index Cond": "(day = o.day)"})
        plan = anonymised(Plan("postgresql", "text", PlanNode("Nested Loop", children=[scan, again])))
        first, second = plan.root.children
        assert first.relation == second.relation == "table_1"
        assert first.details["Filter"] == "(alias_1.column_1 > value_1) AND (table_1.column_1 < value_2)"
        assert second.details["Index Cond"] == "(column_1 = alias_1.column_1)"

    def test_findings_speak_of_tokens(self) -> None:
        plan = read_plans((DATA / "samples" / "plans" / "postgresql-subquery.txt").read_text(encoding="utf-8")).plans[0]
        blocks = [block.code for finding in find_insights(anonymised(plan)) for block in finding.blocks]
        assert any("table_2" in code and "column_" in code for code in blocks)

    def test_settings_and_functions_stay(self) -> None:
        root = PlanNode("Seq Scan", relation="people", details={"Filter": "(lower(name) ~~ '%smith'::text)"})
        plan = anonymised(Plan("postgresql", "text", root, details={"Settings": {"work_mem": "4MB"}, "user": "SCOTT"}))
        assert plan.details == {"Settings": {"work_mem": "4MB"}}
        assert plan.root.details["Filter"] == "(lower(column_1) ~~ '%value_1'::text)"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("(a = 'x') AND (b = 'x')", "(column_1 = 'value_1') AND (column_2 = 'value_1')"),
        ("ts > '2024-01-01'::timestamp without time zone", "column_1 > 'value_1'::timestamp without time zone"),
        ("state = 'open'::order_state", "column_1 = 'value_1'::type_1"),
        ("INSERT INTO t (a) VALUES (1)", "INSERT INTO column_1 (column_2) VALUES (value_1)"),
        ("SELECT /* joe@x.com */ 1 -- secret", "SELECT  value_1 "),
        ("[dbo].[T].[Id]=CONVERT_IMPLICIT(int,[@1],0)", "column_1.column_2.column_3=CONVERT_IMPLICIT(column_4,column_5,value_1)"),
        ("[Expr1004]+$1+:B1", "Expr1004+$1+:parameter_1"),
        ("\"O\".\"STATUS\"=N'it''s'", "column_1.column_2=N'value_1'"),
        ("'never ends", "'value_1'"),
        ("", ""),
    ],
)
def test_expressions(text: str, shown: str) -> None:
    assert hidden(text, Names()) == shown


@pytest.mark.parametrize("text", ["'" * 50_001, "/*" * 50_000, '"' * 50_001, "[" * 50_000, "a." * 50_000, "\\" * 50_000])
def test_hostile_expressions_end(text: str) -> None:
    assert hidden(text, Names()) is not None
