"""What a user gets for what he sends: the sample of the product, his own names, restraint, and every kind of bad input."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbbuddy.advice import Advice
from dbbuddy.advisor import Advisor, default_advisor
from dbbuddy.context import ENGINES, SystemContext
from dbbuddy.intake.text import InputError
from dbbuddy.rendering import to_markdown
from tests.effort import examples

SAMPLE = 'Receiving "connection timed-out" error on lambda logs connecting to RDS'
SAMPLE_CONTEXT = SystemContext.of(deployment="cloud", cloud="aws", service="Aurora PostgreSQL", environment="production")


@pytest.fixture(scope="module")
def sample(advisor: Advisor) -> Advice:
    return advisor.ask(SAMPLE, SAMPLE_CONTEXT)


@pytest.fixture(scope="module")
def sample_text(sample: Advice) -> str:
    return to_markdown(sample)


@pytest.mark.parametrize(
    "named",
    [
        r"security group.*(Lambda|function).*port",
        r"VPC",
        r"subnets?",
        r"routes?",
        r"connections? (is|are|were) exhausted|run out|ran out",
        r"How to tell them apart",
        r"RDS Proxy",
        r"Lambda timeout",
        r"retry up to \d",
        r"outside the handler",
        r"`DatabaseConnections`",
        r"`CPUUtilization`",
        r"`ConcurrentExecutions`",
        r"Performance Insights",
        r"db\.User\.numbackends",
        r"pg_stat_activity",
        r"max_connections",
        r"under \d+ ms",
        r"5432",
    ],
)
def test_the_sample_names(sample_text: str, named: str) -> None:
    assert re.search(named, sample_text, re.I)


def test_the_sample_names_the_causes_in_order(sample: Advice) -> None:
    cause = sample.diagnoses[0].root_cause
    places = [cause.index(words) for words in ("network path is closed", "Connections are exhausted", "timer is too short")]
    assert places == sorted(places)


def test_the_sample_is_answered_whole(sample: Advice) -> None:
    assert sample.status == "answered"
    assert sample.diagnoses[0].confidence >= 0.8
    assert SAMPLE in sample.diagnoses[0].evidence[0].quote
    assert all(sample.fixes_of(horizon) for horizon in ("immediate", "medium_term", "long_term"))
    assert sample.situation
    assert sample.do_nots
    assert sample.expected
    assert len(sample.sources) >= 2
    assert {block.engine for block in sample.monitoring.blocks} == {"postgresql"}


def test_the_sample_shows_no_other_engine(sample_text: str) -> None:
    foreign = r"mysql|mariadb|innodb|processlist|3306|sys\.dm_|oracle|v\$|ORA-|T-SQL|sqlserver"
    assert re.findall(foreign, sample_text, re.I) == []


def test_every_way_of_saying_the_sample_context_is_the_same(advisor: Advisor, sample: Advice) -> None:
    for service, engine in (("aurora-postgresql", None), ("Aurora", "postgres"), ("Amazon Aurora PostgreSQL", "pg")):
        context = SystemContext.of(cloud="AWS", service=service, engine=engine, environment="prod", deployment="Cloud")
        assert advisor.ask(SAMPLE, context) == sample


@pytest.mark.parametrize("text", ["", " \n\t ", "\ufeff"])
def test_empty(advisor: Advisor, text: str) -> None:
    with pytest.raises(InputError, match=r"Describe the problem|binary"):
        advisor.ask(text)


def test_binary(advisor: Advisor) -> None:
    with pytest.raises(InputError, match="binary"):
        advisor.ask("".join(map(chr, range(32))) * 50)


def test_two_megabytes_of_one_word(advisor: Advisor) -> None:
    assert advisor.ask("x" * 2_000_000).status in ("out_of_scope", "needs_details")


def test_two_megabytes_of_prose_with_the_cause_first(advisor: Advisor) -> None:
    advice = advisor.ask("postgres: ERROR: deadlock detected\n" + "and so on and so forth\n" * 90_000)
    assert advice.diagnoses[0].slug == "pg-deadlock"
    assert "Your text is long" in advice.notes[0]


def test_over_five_megabytes(advisor: Advisor) -> None:
    with pytest.raises(InputError, match="up to 5 MB"):
        advisor.ask("x" * 5_300_000)


def test_the_cause_in_the_middle_of_a_five_megabyte_log(advisor: Advisor) -> None:
    noise = [f"2024-05-01 10:00:{n % 60:02}.{n:06} UTC [77] LOG:  checkpoint starting: time" for n in range(70_000)]
    noise.insert(30_000, "2024-05-01 10:07:11 UTC [812] ERROR:  deadlock detected")
    noise.insert(
        30_001, "2024-05-01 10:07:11 UTC [812] DETAIL:  Process 812 waits for ShareLock on transaction 5; blocked by process 9"
    )
    log = "\n".join(noise)
    assert len(log) > 4_000_000
    advice = advisor.ask(log)
    assert advice.context.engine == "postgresql"
    assert advice.diagnoses[0].slug == "pg-deadlock"
    assert advice.diagnoses[0].evidence


@pytest.mark.parametrize("junk", ["\x00", "\x1b[31m", "\ud83d", "\u202e", "\u200b", "\r"])
def test_odd_characters_change_nothing(advisor: Advisor, junk: str) -> None:
    text = "postgres 16: ERROR: deadlock detected on table orders, sessions wait for each other"
    advice = advisor.ask(text.replace("deadlock", junk + "deadlock").replace(": ", f": {junk}"))
    assert advice.diagnoses[0].slug == "pg-deadlock"
    assert "\x1b" not in to_markdown(advice)
    to_markdown(advice).encode()


HOSTILE = [
    "<script>alert(1)</script>",
    "![x](http://evil.example/?d=1)",
    "[click](javascript:alert(1))",
    "`code` **bold** # heading",
    "</code></pre><img src=x onerror=alert(1)>",
    "```sql\nDROP TABLE users;\n```",
    "{{table}} {{nothing}}",
    "$x^2$ :material/delete: :red[x]",
    "'; DROP TABLE users; --",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_stands_only_inside_code_spans(advisor: Advisor, hostile: str) -> None:
    text = (
        f'postgres ERROR: deadlock detected {hostile} on table "{hostile}" by user \'{hostile}\', relation "{hostile}" [{hostile}]'
    )
    shown = to_markdown(advisor.ask(text, SystemContext(engine="postgresql")))
    outside = re.sub(r"`[^`\n]+`", "", re.sub(r"```.*?```", "", shown, flags=re.S))
    assert "evil.example" not in outside
    assert "alert(1)" not in outside
    assert "onerror" not in outside
    assert ":material" not in outside
    inside = "".join(re.findall(r"```.*?```", shown, flags=re.S))
    assert "DROP TABLE users" not in inside
    assert "alert" not in inside


@pytest.mark.parametrize("name", ["x--y", "a'; DROP TABLE b; --", "a$$b", 'o"r', "a\nb", "a/*b*/", "x" * 100, "naïve"])
@pytest.mark.parametrize(
    ("message", "engine"),
    [
        ("duplicate key value violates unique constraint \"{0}\" on table '{0}' SQLSTATE 23505", "postgresql"),
        ("ERROR 1045 (28000): Access denied for user '{0}'@'localhost' (using password: YES)", "mysql"),
        ('FATAL: password authentication failed for user "{0}"', "postgresql"),
        ('permission denied for relation "{0}" schema "{0}" role "{0}" 42501', "postgresql"),
    ],
)
def test_odd_names_never_reach_sql(advisor: Advisor, message: str, engine: str, name: str) -> None:
    advice = advisor.ask(message.format(name), SystemContext.of(engine=engine))
    usual = advisor.ask(message.format("zzz"), SystemContext.of(engine=engine))
    assert name not in "\n".join(_code(advice))
    assert len(_code(usual)) >= 1


def test_plain_names_do_reach_sql(advisor: Advisor) -> None:
    text = 'ERROR: duplicate key value violates unique constraint "x_pkey" SQLSTATE 23505; insert into shop_orders (id) values (1)'
    code = "\n".join(_code(advisor.ask(text, SystemContext(engine="postgresql"))))
    assert "shop_orders" in code
    assert "your_table" not in code


def _code(advice: Advice) -> list[str]:
    blocks = [block for fix in advice.fixes for block in fix.blocks]
    blocks += [block for diagnosis in advice.diagnoses for block in diagnosis.confirm_blocks]
    blocks += [*advice.monitoring.blocks, *(q.block for q in advice.questions if q.block)]
    return [block.code for block in blocks]


def test_the_users_numbers_are_reckoned_with(advisor: Advisor) -> None:
    text = "200 Lambdas × 5 connections, max_connections = 405, postgres: FATAL: sorry, too many clients already"
    shown = to_markdown(advisor.ask(text))
    assert "200 instances × a pool of 5 = **1,000 connections**" in shown
    assert "405" in shown


def test_absurd_numbers_break_nothing(advisor: Advisor) -> None:
    text = f"pool of {'9' * 400} on {'9' * 30} servers, max_connections = 100, postgres: FATAL: sorry, too many clients already"
    assert advisor.ask(text).status == "answered"


@pytest.mark.parametrize("text", ["it is slow", "help", "error", "the database does not work", "???"])
def test_vague_input_is_asked_about(advisor: Advisor, text: str) -> None:
    advice = advisor.ask(text, SystemContext(engine="postgresql"))
    assert advice.status == "needs_details"
    assert 1 <= len(advice.questions) <= 3
    assert advice.fixes == ()


def test_an_unknown_engine_of_a_shared_cause_is_asked_for(advisor: Advisor) -> None:
    advice = advisor.ask("our Lambda cannot connect to the database, connection timed out, Task timed out after 30 seconds")
    assert advice.context.engine is None
    assert "Which database engine" in advice.questions[0].text


@pytest.mark.parametrize(
    ("text", "engine", "other"),
    [
        ("ORA-00060: deadlock detected while waiting for resource", "postgresql", "Oracle"),
        ("Msg 1205, Level 13, State 51: deadlock victim", "mysql", "SQL Server"),
        ("ERROR 1213 (40001): Deadlock found", "oracle", "MySQL"),
    ],
)
def test_a_code_of_another_engine_than_the_one_set_is_asked_about(advisor: Advisor, text: str, engine: str, other: str) -> None:
    advice = advisor.ask(text, SystemContext.of(engine=engine))
    assert advice.status == "needs_details"
    assert other in advice.questions[0].text
    assert advice.context.engine == engine


def test_what_the_user_set_by_hand_wins(advisor: Advisor) -> None:
    advice = advisor.ask("deadlock in postgres, two sessions wait for each other", SystemContext(engine="mysql"))
    assert advice.context.engine == "mysql"
    assert "pg_" not in to_markdown(advice)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_answer_is_for_the_engine_asked_for(advisor: Advisor, engine: str) -> None:
    advice = advisor.ask("two transactions deadlock each other when they update orders", SystemContext.of(engine=engine))
    assert {block.engine for fix in advice.fixes for block in fix.blocks} <= {engine, "any"}


def test_fifty_at_once_get_what_each_would_get_alone(advisor: Advisor) -> None:
    texts = [
        "postgres deadlock detected 40P01 on table orders_1",
        "mysql ERROR 1205 (HY000): Lock wait timeout exceeded",
        "ORA-01555 snapshot too old",
        "SQL Server tempdb is full",
        SAMPLE,
        "it is slow",
        "ERROR 1040 too many connections, pool of 20 on 30 servers",
        "write me a poem",
        "postgres index on jsonb column is not used, seq scan of 5 million rows",
        "replication lag on our mysql replica",
    ] * 5
    alone = {text: advisor.ask(text) for text in set(texts)}
    fresh = Advisor(advisor.library)
    with ThreadPoolExecutor(50) as pool:
        together = list(pool.map(fresh.ask, texts))
    assert together == [alone[text] for text in texts]


WORDS = sorted(default_advisor()._matcher.lexical.known_words)[::7]
PIECES = st.sampled_from(
    [*HOSTILE, "ORA-00060 ", "1205", "[40P01]", "postgres ", "mysql ", "\n", "SELECT * FROM t WHERE a = 'x", "{{", "\x00"]
)


@settings(max_examples=examples(80))
@given(
    st.lists(PIECES | st.sampled_from(WORDS).map(lambda word: word + " ") | st.text(max_size=8), min_size=1, max_size=25).map(
        "".join
    ),
    st.sampled_from([None, *ENGINES]),
)
def test_any_text_is_answered_or_refused_in_words(text: str, engine: str | None) -> None:
    try:
        advice = default_advisor().ask(text, SystemContext.of(engine=engine))
    except InputError:
        return
    assert advice.status in ("answered", "needs_details", "out_of_scope")
    assert advice.fixes or advice.questions or advice.situation
    assert engine is None or advice.context.engine == engine
    to_markdown(advice).encode()
    assert Advice.model_validate_json(advice.model_dump_json()) == advice
