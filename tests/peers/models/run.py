"""Answers of language models, put together by Feedscope and by the vendors' own libraries from the same bytes.

    FEEDSCOPE=… python3 tests/peers/models/run.py

A server on loopback sends each answer to both. Text, tool calls, stop reason and usage must be equal. An answer that the library
refuses must have an error. Ends with status 1 where something differs.
"""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.dirname(__file__))

import cases  # noqa: E402

FEEDSCOPE = os.environ["FEEDSCOPE"]
PROMPT = [{"role": "user", "content": "Hi"}]


class Refused(Exception):
    """The library ended with an error of the server."""


def main():
    bodies = {name: (library, body) for name, library, body in [*cases.recorded(), *cases.written()]}
    wrong = []
    with Server(bodies) as port:
        for name, (library, _) in bodies.items():
            url = f"http://127.0.0.1:{port}/{name}"
            ours = feedscope(url)
            try:
                theirs = LIBRARIES[library](url)
            except Refused as error:
                theirs = None
                if any(line["complete"] or not line.get("error") for line in ours):
                    wrong.append(f"{name}: the library refuses it ({error}), and Feedscope has {ours}")
            if theirs is not None:
                wrong += [f"{name}: {what}" for what in differences(ours, theirs)]
            print(f"models: {name}: {len(ours)} answers")
    messages = cases.realtime()
    ours, theirs = feedscope_on(messages), realtime(messages)
    wrong += [f"realtime: {what}" for what in differences(ours, theirs)]
    print(f"models: realtime: {len(ours)} answers")
    for what in wrong:
        print(f"models: {what}")
    if wrong:
        sys.exit(1)
    print(f"models: {len(bodies) + 1} feeds, nothing differs")


class Server:
    """Sends the body of the case that the path begins with."""

    def __init__(self, bodies):
        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                length = int(self.headers.get("content-length", 0))
                self.rfile.read(length)
                name = self.path.split("/")[1].split("?")[0]
                library, body = bodies[name]
                kind = "application/x-ndjson" if library == "ollama" else "text/event-stream"
                self.send_response(200)
                self.send_header("content-type", kind)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self.server.server_address[1]

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def feedscope(url):
    """The lines of `tail --assembled`."""
    command = [FEEDSCOPE, "tail", "--assembled", "--lens", "llm", "-X", "POST", "-d", "{}", "--duration", "20", url]
    run = subprocess.run(command, capture_output=True, timeout=60, check=False)
    records = [json.loads(line) for line in run.stdout.splitlines()]
    return [record for record in records if record["kind"] == "assembled"]


def feedscope_on(messages):
    """The lines of `tail --assembled` on recorded messages of a WebSocket."""
    head = {"at": "2026-01-01T00:00:00.000000Z", "connection": 1, "kind": "text"}
    lines = "".join(json.dumps({**head, **message}) + "\n" for message in messages)
    command = [FEEDSCOPE, "tail", "--assembled", "--lens", "llm", "-"]
    run = subprocess.run(command, input=lines.encode(), capture_output=True, timeout=60, check=False)
    records = [json.loads(line) for line in run.stdout.splitlines()]
    return [record for record in records if record["kind"] == "assembled"]


def differences(ours, theirs):
    if len(ours) != len(theirs):
        yield f"{len(ours)} answers, and the library has {len(theirs)}"
        return
    for our, their in zip(ours, theirs):
        for name in ("choice", "text", "tool_calls", "stop_reason"):
            got = our.get(name)
            if name == "tool_calls":
                got = [(call["name"], call["arguments"]) for call in got]
            if got != their[name]:
                yield f"{name} is {got!r}, and the library has {their[name]!r}"
        if not our["complete"]:
            yield f"it is not complete: {our.get('error')}"
        for name, value in their["usage"].items():
            if isinstance(value, (int, float)) and our.get("usage", {}).get(name) != value:
                yield f"usage {name} is {our.get('usage', {}).get(name)}, and the library has {value}"


def chat(url):
    import openai
    from openai.lib.streaming.chat import ChatCompletionStreamState

    client = openai.OpenAI(api_key="x", base_url=url, max_retries=0)
    state = ChatCompletionStreamState()
    groq_usage = None
    try:
        for chunk in client.chat.completions.create(model="m", messages=PROMPT, stream=True):
            state.handle_chunk(chunk)
            of_groq = (chunk.model_extra or {}).get("x_groq") or {}
            groq_usage = of_groq.get("usage") or groq_usage
    except openai.APIError as error:
        raise Refused(error) from error
    # The final completion would refuse an answer that reached its limit.
    whole = state.current_completion_snapshot
    usage = whole.usage.model_dump(exclude_none=True) if whole.usage else groq_usage or {}
    return [
        {
            "choice": choice.index,
            "text": (choice.message.content or "") + (choice.message.refusal or ""),
            "tool_calls": [
                (call.function.name, json.loads(call.function.arguments)) for call in choice.message.tool_calls or []
            ],
            "stop_reason": choice.finish_reason,
            "usage": usage,
        }
        for choice in whole.choices
    ]


def responses(url):
    import openai

    client = openai.OpenAI(api_key="x", base_url=url, max_retries=0)
    whole = None
    for event in client.responses.create(model="m", input="Hi", stream=True):
        if event.type in ("response.completed", "response.incomplete", "response.failed"):
            whole = event.response
    reason = whole.incomplete_details.reason if whole.incomplete_details else whole.status
    calls = [(item.name, json.loads(item.arguments)) for item in whole.output if item.type == "function_call"]
    return [{"choice": 0, "text": whole.output_text, "tool_calls": calls, "stop_reason": reason,
             "usage": whole.usage.model_dump(exclude_none=True)}]


def realtime(messages):
    from openai.types.realtime import ResponseDoneEvent

    answers = []
    for message in messages:
        if message["direction"] != "in" or json.loads(message["data"])["type"] != "response.done":
            continue
        whole = ResponseDoneEvent.model_validate_json(message["data"]).response
        parts = [part for item in whole.output if item.type == "message" for part in item.content]
        calls = [(item.name, json.loads(item.arguments)) for item in whole.output if item.type == "function_call"]
        answers.append({"choice": 0, "text": "".join(part.text or part.transcript or "" for part in parts), "tool_calls": calls,
                        "stop_reason": whole.status, "usage": whole.usage.model_dump(exclude_none=True)})
    return answers


def anthropic(url):
    import anthropic as library

    client = library.Anthropic(api_key="x", base_url=url, max_retries=0)
    try:
        with client.messages.stream(model="m", max_tokens=9, messages=PROMPT) as stream:
            whole = stream.get_final_message()
    except library.APIError as error:
        raise Refused(error) from error
    text = "".join(block.text for block in whole.content if block.type == "text")
    calls = [(block.name, block.input) for block in whole.content if block.type == "tool_use"]
    return [{"choice": 0, "text": text, "tool_calls": calls, "stop_reason": whole.stop_reason,
             "usage": whole.usage.model_dump(exclude_none=True)}]


def gemini(url):
    from google import genai
    from google.genai import types

    client = genai.Client(api_key="x", http_options=types.HttpOptions(base_url=url))
    text, calls, reason, usage = "", [], None, {}
    for chunk in client.models.generate_content_stream(model="m", contents="Hi"):
        for candidate in chunk.candidates or []:
            for part in (candidate.content and candidate.content.parts) or []:
                if part.text and not part.thought:
                    text += part.text
                if part.function_call:
                    calls.append((part.function_call.name, part.function_call.args))
            reason = candidate.finish_reason or reason
        if chunk.usage_metadata:
            usage |= chunk.usage_metadata.model_dump(exclude_none=True, by_alias=True)
    return [{"choice": 0, "text": text, "tool_calls": calls, "stop_reason": reason and reason.value, "usage": usage}]


def ollama(url):
    import ollama as library

    text, calls, last = "", [], None
    for part in library.Client(host=url).chat(model="m", messages=PROMPT, stream=True):
        text += part.message.content or ""
        calls += [(call.function.name, dict(call.function.arguments)) for call in part.message.tool_calls or []]
        last = part
    names = ("total_duration", "load_duration", "prompt_eval_count", "prompt_eval_duration", "eval_count", "eval_duration")
    usage = {name: getattr(last, name) for name in names}
    return [{"choice": 0, "text": text, "tool_calls": calls, "stop_reason": last.done_reason, "usage": usage}]


LIBRARIES = {"chat": chat, "responses": responses, "anthropic": anthropic, "gemini": gemini, "ollama": ollama}

if __name__ == "__main__":
    main()
