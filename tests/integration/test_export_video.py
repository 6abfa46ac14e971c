"""What is made of a recording: films, pages, and media that fit into them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest

from rtc_widget import InvalidArgumentError, Recording, RtcWidgetError
from rtc_widget.recording import replay
from rtc_widget.recording.contents import Clip
from rtc_widget.recording.export.shrink import fit
from rtc_widget.recording.finalize.finalize import finish
from tests.support.staging_folders import ADA, BOB, CAROL, Part, level, said_by, two

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Brighter than a dark place, which is brighter than what is around it.
LIT, DARK = 50, 15


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    """The finished recording of `two`."""
    folder = tmp_path_factory.mktemp("lesson")
    finish(two(folder).path)
    with Recording.open(folder / "lesson") as recording:
        yield recording


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    """Ada and Bob for six seconds, of pictures that take some bits; Bob's camera is off for a while."""
    part = Part(tmp_path_factory.mktemp("long"), "long")
    part.join(ADA)
    part.join(BOB)
    part.film(ADA, 0.0, 6.0, size=(160, 120))
    part.film(BOB, 0.0, 2.0, size=(320, 180))
    part.film(BOB, 2.0, 1.5, video=None)
    part.film(BOB, 3.5, 2.5, size=(320, 180))
    finish(part.path)
    with Recording.open(part.path.with_name("long")) as recording:
        yield recording


def pictures(path: Path | io.BytesIO) -> dict[float, Any]:
    with av.open(str(path) if not isinstance(path, io.BytesIO) else path, "r") as container:
        return {
            round(frame.time, 2): frame.to_ndarray(format="rgb24")
            for frame in container.decode(video=0)
            if frame.time is not None
        }


def sound(path: Path) -> Any:
    with av.open(str(path), "r") as container:
        resampler = av.AudioResampler("fltp", "stereo", 48_000)
        return np.concatenate(
            [b.to_ndarray() for frame in container.decode(audio=0) for b in resampler.resample(frame)], axis=1
        )


def kind(pixels: Any) -> str:
    """Return what a part of a film shows: somebody, a place whose camera is off, or nobody's."""
    if pixels.max() > LIT:
        return said_by(pixels)[0]
    return "off" if pixels.mean() > DARK else ""


# -- films


def test_everybody_is_in_the_film_while_they_are_there(lesson: Recording, tmp_path: Path) -> None:
    film = pictures(lesson.export(tmp_path / "all.mp4", fps=10, size=(320, 180)))

    def halves(time: float) -> tuple[str, str]:
        middle = film[time][60:120]
        return kind(middle[:, 40:120]), kind(middle[:, 200:280])

    assert kind(film[0.1][60:120, 40:280]) == "off"  # Ada alone, and her camera begins at 0.2 s
    assert kind(film[0.5][60:120, 40:280]) == ADA
    assert halves(1.1) == (ADA, "off")
    assert halves(2.0) == (ADA, BOB)
    assert halves(4.0) == ("off", BOB)
    assert halves(5.5) == (ADA, BOB)
    assert kind(film[7.0][60:120, 40:280]) == ADA  # Bob has left
    assert len(film) == 100


def test_a_film_shows_each_time_what_was_shown_then(lesson: Recording, tmp_path: Path) -> None:
    film = pictures(lesson.export(tmp_path / "all.webm", fps=25, size=(192, 128)))

    for time in (2.0, 2.48, 5.52):
        left = np.asarray(film[time])[40:88, 8:88]
        # A picture that begins at this very moment may be the one before.
        assert (said_by(left)[1] - level(time)) % 16 in (0, 15)


def test_a_films_sound_is_everybodys(lesson: Recording, tmp_path: Path) -> None:
    for name in ("all.mp4", "all.webm"):
        heard = sound(lesson.export(tmp_path / name, fps=10, size=(64, 64)))
        assert heard.shape[1] / 48_000 == pytest.approx(10.0, abs=0.1)
        loud = [float(np.sqrt((heard[0, s * 4800 : (s + 1) * 4800] ** 2).mean())) for s in range(99)]
        assert loud[1] < 0.001  # before Ada's first
        assert loud[6] > 0.1  # Ada alone
        assert loud[90] < 0.001  # nobody any more


def test_one_participants_own_file_is_copied(lesson: Recording, tmp_path: Path) -> None:
    path = lesson.export(tmp_path / "bob.webm", "Bob")

    with lesson._open_medium(lesson.media[1]) as file:
        assert path.read_bytes() == file.read()


def test_one_participant_in_another_kind_of_file_keeps_the_times(lesson: Recording, tmp_path: Path) -> None:
    film = pictures(lesson.export(tmp_path / "ada.mp4", "Ada", size=(96, 64)))

    assert kind(film[1.0]) == ADA
    assert kind(film[3.6]) == "off"
    assert max(film) == pytest.approx(7.8, abs=0.05)


def test_shared_screens_have_a_place_of_their_own(tmp_path: Path) -> None:
    part = Part(tmp_path)
    part.join(ADA)
    part.film(ADA, 0.0, 3.0)
    # Bob's colour tells the screen from the camera.
    part.join(BOB)
    part.film(BOB, 1.0, 1.0, track="screen", audio=None)
    part.join(CAROL)
    with Recording.open(finish(part.path)) as recording:
        film = pictures(recording.export(tmp_path / "all.webm", fps=10, size=(192, 128)))
        screen = pictures(recording.export(tmp_path / "screen.webm", "Bob", screen=True))
    assert kind(film[0.5][40:88, 20:170]) == ADA
    assert (kind(film[1.5][40:88, 20:80]), kind(film[1.5][40:88, 110:170])) == (ADA, BOB)
    assert kind(film[2.5][40:88, 20:170]) == ADA
    assert {kind(picture) for picture in screen.values()} == {BOB}


def test_it_does_not_matter_how_the_kind_of_a_film_is_written(lesson: Recording, tmp_path: Path) -> None:
    film = pictures(lesson.export(tmp_path / "ADA.MP4", "Ada", fps=np.int64(5), size=(96, 64)))

    assert film


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("all.avi", {}),
        ("all", {}),
        ("all.mp4", {"fps": 0}),
        ("all.mp4", {"fps": "25"}),
        ("all.mp4", {"size": (3, 4)}),
        ("all.mp4", {"participant": "Bob", "screen": True}),
    ],
)
def test_films_that_cannot_be_are_refused(
    lesson: Recording, tmp_path: Path, path: str, options: dict[str, Any]
) -> None:
    with pytest.raises(InvalidArgumentError, match="bad_argument"):
        lesson.export(tmp_path / path, **options)
    with pytest.raises(InvalidArgumentError, match="unknown_participant"):
        lesson.export(tmp_path / "eve.mp4", "Eve")
    assert list(tmp_path.iterdir()) == []


def test_a_film_that_cannot_be_written_leaves_nothing(lesson: Recording, tmp_path: Path) -> None:
    (tmp_path / "taken.mp4" / "mine").mkdir(parents=True)

    for path in (tmp_path / "taken.mp4", tmp_path / "nowhere" / "all.mp4"):
        with pytest.raises(RtcWidgetError, match="recording_failed"):
            lesson.export(path, fps=5, size=(64, 64))

    assert [path.name for path in tmp_path.iterdir()] == ["taken.mp4"]


# -- media that fit


def size_of(clips: tuple[Clip, ...]) -> int:
    return sum(len(clip.data) + len(clip.poster or b"") for clip in clips)


def test_media_that_fit_are_the_originals(lesson: Recording) -> None:
    for most in (None, 1_000_000):
        fitted = fit(lesson, most)
        assert fitted.note == ""
        assert [clip.medium for clip in fitted.clips] == list(lesson.media)
        assert [len(clip.data) for clip in fitted.clips] == [medium.size for medium in lesson.media]


def test_media_are_made_to_fit(long: Recording) -> None:
    original = sum(medium.size for medium in long.media)
    for most in (original // 2, original // 4, original // 8):
        fitted = fit(long, most)
        assert 0 < size_of(fitted.clips) <= most
        assert len(fitted.clips) == 2
        assert "to fit" in fitted.note


def test_what_was_made_smaller_has_the_same_times(long: Recording) -> None:
    fitted = fit(long, sum(medium.size for medium in long.media) // 2)

    for clip, who in zip(fitted.clips, (ADA, BOB), strict=True):
        assert clip.medium.width
        shown = pictures(io.BytesIO(clip.data))
        for time, picture in shown.items():
            if who == BOB:
                assert not 2.1 < time < 3.4
            assert kind(picture) == who
        seen = {time: said_by(picture)[1] for time, picture in shown.items()}
        near = [abs(value - level(time + 0.005)) <= 1 for time, value in seen.items()]
        assert sum(near) > 0.8 * len(near)
        with av.open(io.BytesIO(clip.data), "r") as container:
            assert container.duration / 1e6 == pytest.approx(clip.medium.seconds, abs=0.1)
            keys = [p.pts / 1000 for p in container.demux(video=0) if p.size and p.is_keyframe]
        times = sorted(shown)
        assert all(any(key <= time <= key + 2.2 for key in keys) for time in times)


def test_quality_goes_first_then_pictures_then_all(long: Recording) -> None:
    left = []
    for most in (1_000_000, 60_000, 15_000, 12_000, 3_000, 1):
        fitted = fit(long, most)
        assert size_of(fitted.clips) <= most
        left.append((any(clip.medium.width for clip in fitted.clips), bool(fitted.clips)))
        for clip in fitted.clips:
            assert clip.medium.audio == "opus"
            assert bool(clip.poster) == bool(clip.medium.width) == bool(clip.medium.shown)
    assert left[0] == (True, True)
    assert left[-1] == (False, False)
    assert left == sorted(left, reverse=True)
    assert (False, True) in left
    assert "left out" in fitted.note


def test_a_clip_says_what_it_is(long: Recording) -> None:
    fitted = fit(long, sum(medium.size for medium in long.media) // 3)

    for clip in fitted.clips:
        with av.open(io.BytesIO(clip.data), "r") as container:
            video = container.streams.video[0].codec_context
            assert (video.width, video.height) == (clip.medium.width, clip.medium.height)
            assert container.streams.audio[0].codec_context.channels == 1
        assert (clip.medium.size, clip.medium.mime) == (len(clip.data), "video/webm")


def test_posters_are_small_pictures_of_the_beginning(long: Recording) -> None:
    for clip, who in zip(fit(long, None).clips, (ADA, BOB), strict=True):
        assert clip.poster is not None
        assert clip.poster.startswith(b"\xff\xd8")
        ((_, picture),) = pictures(io.BytesIO(clip.poster)).items() or [(0, None)]
        assert picture.shape[1] <= 320
        assert said_by(picture)[0] == who


def test_a_recording_without_media_has_no_clips(tmp_path: Path) -> None:
    with Recording.open(finish(Part(tmp_path).path)) as recording:
        for most in (None, 10):
            assert fit(recording, most).clips == ()


# -- pages


def test_pages_get_what_they_may_have(
    lesson: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def page(_: Recording, *, max_bytes: int | None, private: bool) -> str:
        asked.append((max_bytes, private))
        return "<p>page</p>"

    for name in ("page_of", "document_of"):
        monkeypatch.setattr(replay, name, page)
    monkeypatch.setattr(replay, "still_of", lambda _, *, private: f"<svg>{private}</svg>")

    assert lesson.to_html(tmp_path / "a.html").read_text() == "<p>page</p>"
    lesson.to_html(tmp_path / "b.html", 0.5, private=False)
    shown = lesson.replay(max_mb=2)._repr_mimebundle_()
    lesson._repr_mimebundle_()

    svg = len("<svg>True</svg>")
    assert asked == [(None, True), (500_000, False), (2_000_000 - svg, True), (10_000_000 - svg, True)]
    assert shown == {
        "text/html": "<p>page</p>",
        "image/svg+xml": "<svg>True</svg>",
        "text/plain": repr(lesson),
    }


@pytest.mark.parametrize("most", [0, -1, "5", True, float("nan"), float("inf")])
def test_pages_of_no_size_are_refused(lesson: Recording, tmp_path: Path, most: Any) -> None:
    for ask in (lambda: lesson.to_html(tmp_path / "a.html", most), lambda: lesson.replay(most)):
        with pytest.raises(InvalidArgumentError, match="bad_argument"):
            ask()


def test_a_page_that_cannot_be_written_is_said(lesson: Recording, tmp_path: Path) -> None:
    with pytest.raises(RtcWidgetError, match="recording_failed"):
        lesson.to_html(tmp_path / "nowhere" / "a.html")


@pytest.mark.parametrize("name", ["film.mp4", "film.webm"])
def test_a_film_does_not_say_what_wrote_it(lesson: Recording, tmp_path: Path, name: str) -> None:
    data = lesson.export(tmp_path / name, fps=5, size=(160, 96)).read_bytes()

    assert [word for word in (b"Lavc", b"x264", b"libvpx", b"libopus") if word in data] == []
    with av.open(io.BytesIO(data), "r") as film:
        # WebM has to name its muxer; no version is behind it.
        assert film.metadata.get("encoder", "Lavf") == "Lavf"
        assert not any("encoder" in stream.metadata for stream in film.streams)


def test_paper_gets_the_still_picture(lesson: Recording) -> None:
    exporters = pytest.importorskip("nbconvert")
    shown = lesson.replay()._repr_mimebundle_()
    preferred = exporters.LatexExporter().default_config.NbConvertBase.display_data_priority

    assert next(mime for mime in preferred if mime in shown) == "image/svg+xml"


@pytest.mark.parametrize("path", ["", ".", "/", "..", "x" * 300, "a\0b", "\ud83d", 7, None])
def test_paths_that_can_be_none_are_refused(lesson: Recording, path: Any) -> None:
    for use in (Recording.open, lesson.to_html, lesson.export):
        with pytest.raises(InvalidArgumentError) as refused:
            use(path)
        assert refused.value.code in ("bad_argument", "bad_recording")


def test_arguments_that_can_be_none_are_refused(lesson: Recording, tmp_path: Path) -> None:
    for options in ({"private": "no"}, {"max_mb": 10**400}, {"max_mb": "5"}):
        with pytest.raises(InvalidArgumentError):
            lesson.to_html(tmp_path / "page.html", **options)
    assert lesson.to_html(tmp_path / "page.html", max_mb=1e308).is_file()


def test_a_grid_keeps_the_colours_of_pictures_with_the_full_range() -> None:
    from rtc_widget.recording.export.grid import Canvas, Tile

    pixels = np.full((64, 96, 3), (180, 60, 120), np.uint8)
    full: Any = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(
        format="yuv420p", dst_colorspace="ITU709", dst_color_range="JPEG"
    )

    class Still(Tile):
        def __init__(self) -> None:
            pass

        def is_there(self, time: float) -> bool:
            return True

        def at(self, time: float) -> Any:
            return full

    shown: Any = Canvas((96, 64), [Still()]).at(0.0)
    rgb = shown.reformat(
        format="rgb24", src_colorspace="ITU601", src_color_range="MPEG", dst_color_range="JPEG"
    )
    assert rgb.to_ndarray().mean(axis=(0, 1)) == pytest.approx((180, 60, 120), abs=6)
