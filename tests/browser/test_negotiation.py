"""Perfect negotiation between two real connections, over a wire that delays, reorders and loses what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.support.pages import script

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.support.browser_fixtures import NewWindow
    from tests.support.widget_page import Host

    Run = Callable[..., Awaitable[Any]]

SEEDS = 40


@pytest_asyncio.fixture(loop_scope="session")
async def run(host: Host, new_window: NewWindow) -> AsyncIterator[Run]:
    """Run the body of an async function in a page that has ``negotiation.js``."""
    tab = await host.blank(await new_window())
    await script(tab, "negotiation.js")

    async def run_body(body: str, arg: Any = None) -> Any:
        return await tab.evaluate(f"async (given) => {{ {body} }}", arg)

    yield run_body
    await tab.evaluate("() => closeAll()")


either_polite = pytest.mark.parametrize("polite", ["a", "b"])


@either_polite
@pytest.mark.parametrize("first", ["a", "b"])
async def test_either_side_may_offer_first(run: Run, first: str, polite: str) -> None:
    await run(
        """
        const sides = pair(given.polite);
        const first = sides[given.first];
        const second = first.other;
        first.add();
        await settled(sides);
        check(first.offers() === 1 && second.offers() === 0, "more than one offer was needed");
        second.add();
        await settled(sides);
        """,
        {"first": first, "polite": polite},
    )


@either_polite
async def test_offers_that_cross_end_with_both_sides_tracks(run: Run, polite: str) -> None:
    story = await run(
        """
        const sides = pair(given);
        const { a, b } = sides;
        const [fromA, fromB] = [a.hold(), b.hold()];
        a.add();
        b.add();
        await until(() => a.offers() === 1 && b.offers() === 1, "both offers");
        fromA.release();
        fromB.release();
        await settled(sides);
        check(!a.failures.length && !b.failures.length, `${a.failures} ${b.failures}`);
        return a.story;
        """,
        polite,
    )
    assert next(line for line in story if "says answer" in line).startswith(polite)


@either_polite
async def test_both_share_a_screen_at_the_same_moment_of_a_call(run: Run, polite: str) -> None:
    await run(
        """
        const sides = pair(given);
        const { a, b } = sides;
        a.add();
        b.add();
        await settled(sides);
        const before = [a, b].map((side) => side.offers());
        const [fromA, fromB] = [a.hold(), b.hold()];
        a.add();
        b.add();
        await until(() => a.offers() > before[0] && b.offers() > before[1], "both offers");
        fromB.release();
        fromA.release();
        await settled(sides);
        check(a.sending.size === 2 && b.sending.size === 2, "four tracks");
        check(a.pc.connectionState === "connected", "the call went on");
        """,
        polite,
    )


@either_polite
@pytest.mark.parametrize("gives_way_first", [True, False])
async def test_what_is_shown_goes_on_when_an_offer_is_taken_back(
    run: Run, polite: str, gives_way_first: bool
) -> None:
    # Chromium forgets where pictures go when the offer is the first one of whoever has answered before.
    await run(
        """
        const sides = pair(given.polite);
        const gives = sides[given.polite];
        const stands = gives.other;
        const [first, second] = given.first ? [gives, stands] : [stands, gives];
        second.answering = () => {
            second.answering = () => undefined;
            const [transceiver] = second.pc.getTransceivers();
            transceiver.direction = "sendrecv";
            const stream = new MediaStream();
            const track = film();
            second.sending.set(stream.id, track);
            transceiver.sender.setStreams(stream);
            transceiver.sender.replaceTrack(track);
        };
        first.add(film());
        await settled(sides);
        const shown = [gives, stands].map((side) => show([...side.streams.values()][0]));
        await Promise.all(shown.map((goesOn) => goesOn("pictures")));
        const before = [gives, stands].map((side) => side.offers());
        const [fromGives, fromStands] = [gives.hold(), stands.hold()];
        gives.add();
        stands.add();
        await until(() => gives.offers() > before[0] && stands.offers() > before[1], "both offers");
        fromGives.release();
        fromStands.release();
        await settled(sides);
        check(!gives.failures.length && !stands.failures.length, `${gives.failures} ${stands.failures}`);
        await Promise.all(shown.map((goesOn, side) => goesOn(`new pictures where one ${side ? "stands" : "gives way"}`)));
        """,
        {"polite": polite, "first": gives_way_first},
    )


@either_polite
async def test_candidates_that_come_before_their_description_are_used(run: Run, polite: str) -> None:
    await run(
        """
        const sides = pair(given);
        const { a, b } = sides;
        const [fromA, fromB] = [a.hold(), b.hold()];
        a.add();
        await until(() => a.pc.iceGatheringState === "complete", "a's candidates");
        const early = (messages) => [...messages].sort((one, two) => (one.message.type < two.message.type ? -1 : 1));
        const first = early(fromA.held)[0].message;
        check(first.type === "candidate" && first.candidate, "a candidate comes first");
        // A description that holds its candidates would prove nothing.
        for (const { message } of fromA.held) strip(message);
        fromA.release(early);
        await until(() => b.pc.iceGatheringState === "complete", "b's candidates");
        // Nothing of b's reaches a, so that b can only use what was queued.
        const reports = await b.pc.getStats();
        const remote = [...reports.values()].filter(({ type }) => type === "remote-candidate");
        check(remote.length > 0, "b has no candidate of a's");
        for (const { message } of fromB.held) strip(message);
        fromB.release(early);
        await settled(sides);
        check(!a.failures.length && !b.failures.length, `${a.failures} ${b.failures}`);
        """.replace("strip(message)", STRIP),
        polite,
    )


STRIP = """
    if (message.description) {
        message.description.sdp = message.description.sdp.replace(/a=candidate:.*\\r\\n/g, "");
    }
"""


@either_polite
async def test_candidates_of_an_ignored_offer_do_no_harm(run: Run, polite: str) -> None:
    await run(
        """
        const sides = pair(given);
        const { a, b } = sides;
        const gives = sides[given];
        const stands = gives.other;
        const [late, early] = [stands.hold(), gives.hold()];
        a.add();
        b.add();
        await until(() => gives.pc.iceGatheringState === "complete", "the candidates");
        const ignored = gives.said.filter(({ type }) => type === "candidate").length;
        check(ignored > 1, "there are candidates to ignore");
        early.release();
        await until(() => stands.pc.signalingState === "have-local-offer", "the offer that stands");
        late.release();
        await settled(sides);
        check(!a.failures.length && !b.failures.length, `${a.failures} ${b.failures}`);
        """,
        polite,
    )


async def test_any_order_of_messages_and_changes_ends_in_agreement(run: Run) -> None:
    problems = await run(
        """
        const seeds = Array.from({ length: given }, (_, seed) => seed + 1);
        const problems = [];
        const next = async () => {
            while (seeds.length) problems.push(await randomCall(seeds.shift()));
        };
        await Promise.all(Array.from({ length: 5 }, next));
        return problems.filter(Boolean);
        """,
        SEEDS,
    )
    assert problems == []


@pytest.mark.parametrize("kind", ["offer", "answer"])
@either_polite
async def test_a_description_that_does_not_parse_is_told_and_the_connection_goes_on(
    run: Run, polite: str, kind: str
) -> None:
    await run(
        """
        const sides = pair(given.polite);
        const { a, b } = sides;
        a.add();
        await settled(sides);
        const nonsense = { type: "description", description: { type: given.kind, sdp: "v=0\\r\\nnonsense" } };
        const from = b.hold();
        if (given.kind === "answer") {
            a.add();
            await until(() => a.pc.signalingState === "have-local-offer", "a's offer");
        }
        a.receive(nonsense);
        await until(() => a.failures.length > 0, "the failure");
        check(a.failures.length === 1, `told ${a.failures.length} times`);
        from.release();
        await settled(sides);
        b.add();
        a.add();
        await settled(sides);
        check(a.failures.length === 1 && b.failures.length === 0, "one failure was told");
        """,
        {"polite": polite, "kind": kind},
    )


@either_polite
async def test_nonsense_while_an_offer_is_pending_does_not_lose_the_offer(run: Run, polite: str) -> None:
    await run(
        """
        const sides = pair(given);
        const { a, b } = sides;
        const from = b.hold();
        a.add();
        await until(() => b.descriptions().includes("answer"), "b's answer");
        a.receive({
            type: "description",
            description: { type: "offer", sdp: "v=0\\r\\nnonsense" },
        });
        from.release();
        await settled(sides);
        """,
        polite,
    )


@either_polite
async def test_what_is_said_twice_is_harmless(run: Run, polite: str) -> None:
    await run(
        """
        const sides = pair(given);
        const { a, b } = sides;
        for (const side of [a, b]) {
            side.wire = (_message, deliver) => setTimeout(() => { deliver(); deliver(); });
        }
        a.add();
        await settled(sides);
        b.add();
        await settled(sides);
        await until(() => a.pc.signalingState === "stable" && b.pc.signalingState === "stable", "rest");
        check(!a.failures.length && !b.failures.length, `${a.failures} ${b.failures}`);
        check(a.offers() === 1 && b.offers() === 1, `a said ${a.descriptions()}; b said ${b.descriptions()}`);
        """,
        polite,
    )


@either_polite
@pytest.mark.parametrize("lost", ["offer", "answer"])
async def test_an_offer_or_answer_that_was_lost_is_healed_by_resending(
    run: Run, polite: str, lost: str
) -> None:
    await run(
        """
        const sides = pair(given.polite);
        const { a, b } = sides;
        const loser = given.lost === "offer" ? a : b;
        const cut = loser.hold();
        a.add();
        await until(() => loser.descriptions().includes(given.lost), "what is lost");
        await until(() => loser.pc.iceGatheringState === "complete", "the candidates");
        const lost = cut.held.findIndex(({ message }) => message.type === "description");
        cut.held.splice(lost, 1);
        cut.release();
        // Resending without a need says nothing.
        b.negotiation.resend();
        a.negotiation.resend();
        await settled(sides);
        check(b.offers() === 0, "b had nothing to offer");
        const before = a.said.length;
        a.negotiation.resend();
        check(a.said.length === before, "a had nothing left to say");
        """,
        {"polite": polite, "lost": lost},
    )


async def test_both_sides_restart_ice_at_once_after_a_failure(run: Run) -> None:
    # Each side is told of a port at which nobody answers, until ICE gives up.
    await run(
        """
        const sides = pair();
        const { a, b } = sides;
        for (const side of [a, b]) {
            side.wire = (message, deliver) => {
                strip(message);
                if (message.candidate) {
                    const parts = message.candidate.candidate.split(" ");
                    parts[5] = "65535";
                    message.candidate.candidate = parts.join(" ");
                }
                setTimeout(deliver);
            };
        }
        a.add();
        b.add();
        await until(
            () => a.pc.connectionState === "failed" && b.pc.connectionState === "failed",
            () => `failure: ${a.state()} ${b.state()}`,
            30000,
        );
        for (const side of [a, b]) {
            side.wire = (_message, deliver) => setTimeout(deliver);
            side.pc.restartIce();
        }
        await settled(sides);
        check(!a.failures.length && !b.failures.length, `${a.failures} ${b.failures}`);
        """.replace("strip(message)", STRIP)
    )
