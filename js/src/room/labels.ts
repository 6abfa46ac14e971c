/** What people in a room are called. */
import type { RemoteParticipant } from "./types";

type Person = Pick<RemoteParticipant, "id" | "name" | "order">;

/**
 * What to call everybody, by id: of those who have one name, the later ones get numbers, which make nobody else's name.
 * Everybody in the room counts the same people, so that a number means the same person to all.
 */
export function labelsOf(people: readonly Person[]): ReadonlyMap<string, string> {
  const taken = new Set(people.map(({ name }) => name.value));
  const named = new Set<string>();
  return new Map(
    [...people]
      .sort((a, b) => a.order - b.order)
      .map(({ id, name: { value: name } }) => {
        let label = name;
        if (named.has(name))
          for (let number = 2; taken.has(label); number += 1) label = `${name} (${number})`;
        named.add(name);
        taken.add(label);
        return [id, label];
      }),
  );
}
