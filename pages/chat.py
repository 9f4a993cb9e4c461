"""Chat: one input that takes anything; the answer as a card; follow-ups; rating and outcome."""

import streamlit as st

from dbbuddy.context import CATEGORY_NAMES
from dbbuddy.data_files import load_yaml
from dbbuddy.intake.text import FILE_TYPES, InputError
from dbbuddy.ui import answer_card, context_bar, guide, history, scroll
from dbbuddy.ui import conversation as talk
from dbbuddy.ui.page import open_page
from dbbuddy.ui.text import show_user_text

SHOWN_EXCHANGES = 10

user = open_page("Ask")
conversation = talk.current(user)
submitted = st.chat_input(
    "Ask, or paste an error, query, plan, log …",
    key="chat",
    accept_file="multiple",
    file_type=list(FILE_TYPES),
    max_upload_size=5,
    submit_mode="disable",
)
text, category = "", None
if submitted:
    try:
        text = talk.message_of(submitted.text, submitted.files)
        if not text:
            st.error(
                "There is no text. Describe the problem, or paste an error, a query, a plan or a log.", icon=":material/error:"
            )
    except InputError as error:
        st.error(str(error), icon=":material/error:")

beginning = st.empty()
if not conversation.exchanges and not text:
    with beginning.container(key="beginning"):
        st.header("What is the database doing to you?")
        st.markdown("Write it as you would to a colleague. Engine, version and cloud are read from your text.")
        examples, led = st.tabs(["Examples", "Guide me"])
        with examples:
            for name, starters in load_yaml("samples/starters.yaml").items():
                chosen = st.pills(CATEGORY_NAMES[name], list(starters), key=f"starter-{name}")
                text = starters[chosen] if chosen else text
        with led:
            guided = guide.draw()
            if guided:
                text, conversation.chosen, category = guided
again = st.session_state.pop("answer-again", None)
if again and conversation.exchanges:
    text, conversation.chosen = conversation.exchanges[-1].question, again
if text:
    beginning.empty()

hidden = max(len(conversation.exchanges) - SHOWN_EXCHANGES, 0)
if hidden and not st.toggle(f"Show {hidden} earlier", key="show-earlier"):
    shown = conversation.exchanges[hidden:]
else:
    shown = list(conversation.exchanges)
for exchange in shown:
    with st.chat_message("user"):
        show_user_text(exchange.question)
    with st.chat_message("assistant", avatar=":material/database:"):
        answer_card.draw(exchange.advice)
        answer_card.feedback(exchange)

if text:
    with st.container(key="newest"):
        with st.chat_message("user"):
            show_user_text(text)
        with st.chat_message("assistant", avatar=":material/database:"):
            with st.spinner("Reading your text and looking for the cause"):
                answered = talk.ask(conversation, user, text, category, afresh=bool(again))
            if answered:
                answer_card.draw(answered.advice)
                answer_card.feedback(answered)

if conversation.exchanges:
    corrected = context_bar.draw(conversation.context)
    if corrected:
        st.session_state["answer-again"] = corrected
        st.rerun()
if "store_problem" in st.session_state:
    problem = st.session_state.pop("store_problem")
    st.warning(f"Answers work, but nothing is saved. {problem}", icon=":material/warning:")
history.draw(user, conversation.id)
if text:
    scroll.show_from("newest", conversation.exchanges[-1].id if conversation.exchanges else "none")
elif not conversation.exchanges:
    scroll.show_from("beginning", conversation.id)
