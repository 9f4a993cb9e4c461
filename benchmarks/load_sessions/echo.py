"""The floor: the least that a Streamlit chat can do, under the same settings."""

import streamlit as st

st.title("Echo")
for question, answer in st.session_state.setdefault("said", []):
    st.chat_message("user").markdown(question)
    st.chat_message("assistant").markdown(answer)
if text := st.chat_input("Say something", accept_file="multiple"):
    st.chat_message("user").markdown(text.text)
    st.chat_message("assistant").markdown(f"You said: {text.text}")
    st.session_state["said"] = [*st.session_state["said"], (text.text, text.text)][-10:]
