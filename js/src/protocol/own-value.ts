/** The table's value of a key from outside, such as a state's or an error's name; every object inherits "constructor". */
export function ownValue<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
