"""Whatever reads what comes from outside has a limit on what comes out, and a test that names it."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path

import rtc_widget

ROOT = Path(rtc_widget.__file__).parent
TESTS = Path(__file__).parents[1]
FUNCTION = re.compile(r"^(?:async )?def (\w+)", re.MULTILINE)
# All that makes something of bytes or text that is larger, deeper or of another kind than these.
READS = {
    *(
        "json.loads",
        "json.load",
        "ast.literal_eval",
        "pickle.loads",
        "pickle.load",
        "marshal.loads",
        "csv.reader",
    ),
    *("zlib.decompress", "zlib.decompressobj", "gzip.open", "gzip.decompress", "bz2.open", "lzma.open"),
    *(
        "zipfile.ZipFile",
        "tarfile.open",
        "np.load",
        "np.frombuffer",
        "struct.unpack",
        "struct.unpack_from",
        "struct.iter_unpack",
    ),
    *("base64.b64decode", "base64.urlsafe_b64decode", "av.open", "av.CodecContext.create", "Image.open"),
    *(
        "RTCSessionDescription",
        "candidate_from_sdp",
        "eval",
        "exec",
        "compile",
        "cv2.imdecode",
        "cv2.VideoCapture",
    ),
}

OUTSIDE = {
    "ice/inquiry.py": "unit/ice/test_stun_message.py::test_an_attribute_that_is_longer_than_the_message_is_none",
    "ice/stun_message.py": "unit/ice/test_stun_message.py::test_an_attribute_that_is_longer_than_the_message_is_none",
    "media/i420.py": "unit/media/test_hostile_media.py::test_a_picture_that_is_larger_than_any_camera_s_is_not_decoded_whatever_the_header_says",
    "media/open_media.py": "unit/media/test_hostile_media.py::test_a_codec_that_no_browser_records_is_refused",
    "media/upright.py": "unit/media/test_upright.py::test_a_shape_of_pixels_that_cannot_be_meant_costs_no_more_than_a_picture",
    "media/vp8.py": "unit/media/test_vp8.py::test_a_picture_that_is_too_large_is_refused_before_memory_is_taken",
    "peer/process/browser_channel.py": "unit/peer/process/test_browser_channel.py::test_what_is_out_of_place_is_refused",
    "peer/process/negotiation.py": "integration/test_description_fuzz.py::test_a_peers_call_goes_on_whatever_a_stranger_describes",
    "protocol/channel_messages.py": "unit/protocol/test_channel_messages.py::test_a_message_of_more_packets_than_a_second_has_is_refused",
    "recording/capture/capture_session.py": "unit/recording/capture/test_capture_session.py::test_what_does_not_fit_is_not_acknowledged",
    "recording/read/archive.py": "unit/recording/read/test_archive.py::test_a_member_that_unpacks_to_more_than_it_says_ends_there",
    "recording/read/members.py": "unit/recording/read/test_archive.py::test_only_what_a_recorder_writes_is_unpacked",
    "relay/engine.py": "integration/test_relay_floods.py::test_large_json_without_a_token_is_not_even_parsed",
    "relay/tokens.py": "unit/relay/test_tokens.py::test_whatever_is_not_a_token_is_bad_and_nothing_worse",
    "room/data_messages.py": "unit/room/test_data_messages.py::test_no_memory_is_taken_for_more_than_what_came",
    "teaching/routers/lesson_turn_server.py": "unit/teaching/routers/test_lesson_turn_server.py::test_what_is_no_request_of_turn_is_not_answered",
    "trace/io/foreign/text.py": "unit/trace/io/test_foreign.py::test_a_compressed_dump_that_would_fill_the_memory_is_refused",
    "trace/io/values.py": "unit/trace/io/test_foreign.py::test_what_is_nested_without_end_is_refused",
}
# What this user's own programs have written, or the user has.
OWN = {
    "peer/ipc/pipe.py": "the media process of this kernel, by a pipe that nobody else has",
    "peer/ipc/shared_memory.py": "memory that only this kernel and its media process have",
    "peer/process/file_source.py": "a film or camera that the user names; opening it ends after a while",
    "peer/process/transform_loader.py": "the user's own function",
    "relay/__main__.py": "the file that the relay's owner names",
    "relay/discovery.py": "the user's runtime file, private; and a few kilobytes of what listens where it says",
    "relay/origins.py": "the runtime files of the user's Jupyter servers",
    "relay/sharing.py": "a few kilobytes of the user's own relay",
    "teaching/exercises/predicted.py": "the student's own answer",
}


def calls_in(path: Path, words: re.Pattern[str]) -> Iterator[ast.Call]:
    """Find the calls in a file that has one of these words; the others have nothing to find, and parsing takes its time."""
    text = path.read_text("utf-8")
    if words.search(text):
        yield from (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))


def words_of(names: Collection[str]) -> re.Pattern[str]:
    """Match the last part of each of these names: whoever calls it has written that."""
    return re.compile(rf"\b({'|'.join(sorted({name.rpartition('.')[2] for name in names}))})\b")


def reads(path: Path) -> Iterator[str]:
    """Find the calls in a file that read something, also by a `struct.Struct`; what writes is left out."""
    for node in calls_in(path, words_of(READS)):
        called = ast.unparse(node.func)
        if isinstance(node.func, ast.Attribute) and f"struct.{node.func.attr}" in READS:
            called = f"struct.{node.func.attr}"
        writes = any(isinstance(each, ast.Constant) and each.value == "w" for each in node.args)
        if called in READS and not writes:
            yield called


def test_it_is_known_of_every_parser_and_decoder_whose_data_it_reads() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py") if [*reads(path)]}
    assert found == OUTSIDE.keys() | OWN.keys()


# What runs what it reads, or hands it to a shell.
RUNS = {
    *("pickle.loads", "pickle.load", "pickle.Unpickler", "marshal.loads", "eval", "exec", "compile"),
    *("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"),
    *("asyncio.create_subprocess_shell", "runpy.run_path"),
}
# What asks others to do so.
ASKED = {"shell", "allow_pickle"}


def runs(path: Path) -> Iterator[str]:
    """Find the calls in a file that run something, or might."""
    for node in calls_in(path, words_of({*RUNS, *ASKED})):
        called = ast.unparse(node.func)
        asked = {each.arg for each in node.keywords if ast.unparse(each.value) != "False"}
        if called in RUNS or asked & ASKED:
            yield called


def test_nothing_from_outside_is_unpickled_evaluated_or_given_to_a_shell() -> None:
    found = {path.relative_to(ROOT).as_posix(): [*runs(path)] for path in ROOT.rglob("*.py")}

    assert {module: calls for module, calls in found.items() if calls} == {
        "peer/ipc/pipe.py": ["pickle.loads"],
        "peer/process/transform_loader.py": ["pickle.loads", "pickle.loads"],
    }
    assert OWN.keys() >= {module for module, calls in found.items() if calls}


def test_each_that_reads_what_comes_from_outside_has_a_test_of_its_limits() -> None:
    for module, named in OUTSIDE.items():
        file, test = named.split("::")
        assert test in FUNCTION.findall((TESTS / file).read_text("utf-8")), module
