"""Answers of language models: recorded ones of the project, and further ones written after the vendors' documents.

Each case is a name, the library that reads it, and the bytes of the body.
"""

import json
from pathlib import Path

FEEDS = Path(__file__).parents[3] / "crates/feedscope-core/tests/feeds"


def recorded():
    """The recorded feeds, whose sources and licences are beside them."""
    for name, library in [
        ("anthropic-messages-web-search", "anthropic"),
        ("gemini-thinking-crlf", "gemini"),
        ("groq-error-event", "chat"),
        ("groq-reasoning-long", "chat"),
        ("openai-chat-completions", "chat"),
        ("openai-responses-web-search", "responses"),
        ("openrouter-processing-comments", "chat"),
    ]:
        yield name, library, (FEEDS / f"{name}.sse").read_bytes()


def realtime():
    """The messages of a recorded session of the realtime interface."""
    lines = (FEEDS / "openai-realtime-tool-call.ws.jsonl").read_text().splitlines()
    return [{name: json.loads(line)[name] for name in ("direction", "data")} for line in lines]


def written():
    """Answers after the documents of the vendors."""
    yield "chat-two-choices", "chat", chat(
        delta(0, role="assistant", content=""), delta(1, role="assistant", content=""),
        delta(1, content="Bonjour"), delta(0, content="Hel"), delta(0, content="lo"),
        end(0, "stop"), end(1, "length"), usage={"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
    )
    yield "chat-parallel-tools", "chat", chat(
        delta(0, role="assistant", content=None),
        delta(0, tool_calls=[call(0, "call_a", "weather", "")]),
        delta(0, tool_calls=[call(0, arguments='{"city":"P')]),
        delta(0, tool_calls=[call(0, arguments='aris"}')]),
        delta(0, tool_calls=[call(1, "call_b", "clock", "")]),
        delta(0, tool_calls=[call(1, arguments='{"zone":"UTC","big":12345678901234567890}')]),
        end(0, "tool_calls"),
    )
    yield "chat-refusal", "chat", chat(
        delta(0, role="assistant", content=None, refusal="I cannot "), delta(0, refusal="help."), end(0, "stop"),
    )
    yield "chat-unicode", "chat", chat(
        delta(0, role="assistant", content="\u20ac \U0001d11e \"quoted\"\n"), delta(0, content="line\ttab"), end(0, "stop"),
    )
    yield "chat-reasoning-content", "chat", chat(
        delta(0, role="assistant", reasoning_content="First, "), delta(0, reasoning_content="think."),
        delta(0, content="42"), end(0, "stop"),
    )
    yield "responses-function-call", "responses", events(
        {"type": "response.created", "sequence_number": 0, "response": response("in_progress", [])},
        {"type": "response.output_item.added", "sequence_number": 1, "output_index": 0, "item": function("")},
        {"type": "response.function_call_arguments.delta", "sequence_number": 2, "item_id": "fc_1", "output_index": 0,
         "delta": '{"city":'},
        {"type": "response.function_call_arguments.delta", "sequence_number": 3, "item_id": "fc_1", "output_index": 0,
         "delta": '"Paris"}'},
        {"type": "response.function_call_arguments.done", "sequence_number": 4, "item_id": "fc_1", "output_index": 0,
         "name": "weather", "arguments": '{"city":"Paris"}'},
        {"type": "response.output_item.done", "sequence_number": 5, "output_index": 0, "item": function('{"city":"Paris"}')},
        {"type": "response.completed", "sequence_number": 6, "response": response("completed", [function('{"city":"Paris"}')])},
    )
    yield "responses-incomplete", "responses", events(
        {"type": "response.created", "sequence_number": 0, "response": response("in_progress", [])},
        {"type": "response.output_item.added", "sequence_number": 1, "output_index": 0, "item": message("")},
        {"type": "response.content_part.added", "sequence_number": 2, "item_id": "msg_1", "output_index": 0,
         "content_index": 0, "part": {"type": "output_text", "text": "", "annotations": []}},
        {"type": "response.output_text.delta", "sequence_number": 3, "item_id": "msg_1", "output_index": 0,
         "content_index": 0, "delta": "Once upon", "logprobs": []},
        {"type": "response.incomplete", "sequence_number": 4,
         "response": {**response("incomplete", [message("Once upon")]), "incomplete_details": {"reason": "max_output_tokens"}}},
    )
    yield "anthropic-parallel-tools", "anthropic", named_events(
        start(), block(0, {"type": "text", "text": ""}), part(0, "text_delta", text="Let me look."), stop(0),
        block(1, {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}),
        part(1, "input_json_delta", partial_json=""), part(1, "input_json_delta", partial_json='{"city": "San'),
        part(1, "input_json_delta", partial_json=' Francisco"}'), stop(1),
        block(2, {"type": "tool_use", "id": "toolu_2", "name": "now", "input": {}}), stop(2),
        finish("tool_use", 40), {"type": "message_stop"},
    )
    yield "anthropic-thinking", "anthropic", named_events(
        start(), block(0, {"type": "thinking", "thinking": "", "signature": ""}),
        part(0, "thinking_delta", thinking="27 * 453 "), part(0, "thinking_delta", thinking="= 12231"),
        part(0, "signature_delta", signature="EqQB"), stop(0), {"type": "ping"},
        block(1, {"type": "text", "text": ""}), part(1, "text_delta", text="12"), part(1, "text_delta", text="231"), stop(1),
        finish("end_turn", 12), {"type": "message_stop"},
    )
    yield "gemini-function-calls", "gemini", events(
        {"candidates": [{"content": {"parts": [{"text": "Sure. "}], "role": "model"}, "index": 0}], "modelVersion": "gemini-x"},
        {"candidates": [{"content": {"parts": [
            {"functionCall": {"name": "weather", "args": {"city": "Paris", "days": 2}}},
            {"functionCall": {"name": "weather", "args": {"city": "Rome"}}}], "role": "model"}, "finishReason": "STOP", "index": 0}],
         "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 6, "totalTokenCount": 11}, "modelVersion": "gemini-x"},
    )
    yield "ollama-tools", "ollama", lines(
        ollama(content="", thinking="The user asks "), ollama(content="", thinking="for the weather."),
        ollama(content="", tool_calls=[{"function": {"name": "weather", "arguments": {"city": "Toronto"}}}]),
        {**ollama(content=""), "done": True, "done_reason": "stop", **OLLAMA_USAGE},
    )
    yield "ollama-text", "ollama", lines(
        ollama(content="The"), ollama(content=" sky"), {**ollama(content=""), "done": True, "done_reason": "length", **OLLAMA_USAGE},
    )


OLLAMA_USAGE = {"total_duration": 4883583458, "load_duration": 1334875, "prompt_eval_count": 26,
                "prompt_eval_duration": 342546000, "eval_count": 282, "eval_duration": 4535599000}


def events(*values):
    return b"".join(b"data: " + json.dumps(value).encode() + b"\n\n" for value in values)


def named_events(*values):
    return b"".join(b"event: " + value["type"].encode() + b"\n" + events(value) for value in values)


def lines(*values):
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def chat(*choices, usage=None):
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-x"}
    chunks = [{**head, "choices": [choice]} for choice in choices]
    if usage:
        chunks.append({**head, "choices": [], "usage": usage})
    return events(*chunks) + b"data: [DONE]\n\n"


def delta(index, **fields):
    return {"index": index, "delta": fields, "finish_reason": None}


def end(index, reason):
    return {"index": index, "delta": {}, "finish_reason": reason}


def call(index, id=None, name=None, arguments=""):
    function = {"arguments": arguments}
    head = {"index": index}
    if name:
        function["name"] = name
        head |= {"id": id, "type": "function"}
    return {**head, "function": function}


def response(status, output):
    usage = {"input_tokens": 4, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 5,
             "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 9} if status != "in_progress" else None
    return {"id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": "gpt-x", "output": output,
            "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "usage": usage}


def function(arguments):
    return {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "weather", "arguments": arguments,
            "status": "completed"}


def message(text):
    content = [{"type": "output_text", "text": text, "annotations": []}] if text else []
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content}


def start():
    return {"type": "message_start", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x", "content": [], "stop_reason": None,
        "stop_sequence": None, "usage": {"input_tokens": 25, "output_tokens": 1}}}


def block(index, content):
    return {"type": "content_block_start", "index": index, "content_block": content}


def part(index, kind, **fields):
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **fields}}


def stop(index):
    return {"type": "content_block_stop", "index": index}


def finish(reason, tokens):
    return {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": {"output_tokens": tokens}}


def ollama(**message):
    return {"model": "qwen", "created_at": "2026-01-01T00:00:00Z", "message": {"role": "assistant", **message}, "done": False}
