"""Encoders as this package makes them."""

from __future__ import annotations

from fractions import Fraction

from rtc_widget.media.encoders import video_encoder


def test_vp8_is_encoded_by_one_thread() -> None:
    vp8 = video_encoder("libvpx", 64, 48, bit_rate=100_000, time_base=Fraction(1, 1000), options={})

    assert vp8.thread_count == 1
