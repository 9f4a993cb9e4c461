"""Chat: one input that takes anything; the answer as a card; follow-ups; rating and outcome."""

import streamlit as st

from dbbuddy.intake.text import InputError
from dbbuddy.ui import beginning, composer, context_bar, follow_up, health, history, scroll, thread
from dbbuddy.ui import conversation as talk
from dbbuddy.ui.page import open_page

user = open_page("Ask")
health.draw(user)
conversation = talk.current(user)

with st.bottom:
    chips = st.container()
    message = None if conversation.shared_by else composer.draw()
message = message or talk.question_again(conversation) or talk.carried()

with st.container(key="start"):
    start = st.empty()
if not conversation.exchanges and not message:
    with start.container():
        follow_up.draw(user)
        message = None if conversation.seed else beginning.draw(conversation)
if message:
    start.empty()

thread.draw(conversation, user, coming=message is not None)
if message:
    try:
        thread.answer(conversation, user, message)
    except InputError as error:
        composer.refuse(error, message.text)

with chips:
    if not conversation.shared_by:
        context_bar.draw(conversation.context, conversation.place, talk.correct)
history.draw(user, conversation)
scroll.show(thread.key(len(conversation.exchanges) - 1) if conversation.exchanges else "start", conversation.place)
