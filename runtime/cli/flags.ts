/** The words after `keelson COMMAND`, checked against its flags: values as text, asked for by name. */
import { parseArgs } from 'node:util';
import { suggest, UsageError } from './usage-error.ts';

export interface FlagSpec {
  /** Long name without dashes. */
  name: string;
  /** One letter. */
  short?: string;
  /** What the value is called in --help; absent for a switch. */
  value?: string;
  about: string;
}

/** Every command has these. */
export const COMMON_FLAGS: FlagSpec[] = [{ name: 'help', short: 'h', about: 'this text' }];

/** Largest seed: whole numbers are exact up to here. */
const MAX_SEED = Number.MAX_SAFE_INTEGER;

export class Flags {
  readonly command: string;
  /** What is no flag. */
  readonly words: readonly string[];
  readonly #values: ReadonlyMap<string, string>;

  constructor(command: string, words: readonly string[], values: ReadonlyMap<string, string>) {
    this.command = command;
    this.words = words;
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Names of the flags that were given. */
  names(): Iterable<string> {
    return this.#values.keys();
  }

  /** @throws UsageError when it was not given. */
  required(name: string): string {
    const text = this.#values.get(name);
    if (text === undefined) throw new UsageError(`--${name} is missing`, this.command);
    return text;
  }

  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** @throws UsageError when it is none of them. */
  choice<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    const text = this.#values.get(name);
    if (text === undefined) return otherwise;
    const found = choices.find((choice) => choice === text);
    if (found === undefined) {
      throw this.wrong(name, `'${shorten(text)}' is none of ${choices.join(', ')}${suggest(text, choices)}`);
    }
    return found;
  }

  /** A whole number. @throws UsageError */
  whole(name: string, otherwise: number, min = 0, max = MAX_SEED): number {
    const text = this.#values.get(name);
    return text === undefined ? otherwise : this.#wholeOf(name, text, min, max);
  }

  /** @throws UsageError when there are words, for commands that take flags only. */
  noWords(): void {
    if (this.words.length > 0) throw new UsageError(`unexpected '${shorten(this.words[0])}'`, this.command);
  }

  wrong(name: string, what: string): UsageError {
    return new UsageError(`--${name}: ${what}`, this.command);
  }

  #wholeOf(name: string, text: string, min: number, max: number): number {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
      throw this.wrong(name, `'${shorten(text)}' is not a whole number from ${min} to ${max}`);
    }
    if (value < min || value > max) throw this.wrong(name, `${text} is not from ${min} to ${max}`);
    return value;
  }
}

/** What of a command the parser needs. */
interface Flagged {
  name: string;
  flags: readonly FlagSpec[];
}

/** @throws UsageError naming the flag that is unknown, given twice, or without its value. */
export function parseFlags(spec: Flagged, args: readonly string[]): Flags {
  const known = [...spec.flags, ...COMMON_FLAGS];
  const options = Object.fromEntries(
    known.map(({ name, short, value }) => [name, { type: value ? ('string' as const) : ('boolean' as const), short }]),
  );
  for (const option of Object.values(options)) if (option.short === undefined) delete option.short;
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true, allowPositionals: true });
  const values = new Map<string, string>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind === 'option') take(spec, known, token, values);
  }
  return new Flags(spec.name, words, values);
}

function take(
  spec: Flagged,
  known: readonly FlagSpec[],
  { name, rawName, value }: { name: string; rawName: string; value?: string | undefined },
  values: Map<string, string>,
): void {
  const flag = known.find((one) => one.name === name);
  if (!flag) {
    const names = known.map((one) => `--${one.name}`);
    throw new UsageError(`unknown flag ${shorten(rawName)}${suggest(rawName, names)}`, spec.name);
  }
  if (values.has(name)) throw new UsageError(`--${name} is given twice`, spec.name);
  if (flag.value && (value === undefined || value === '')) {
    throw new UsageError(`--${name} needs a value: --${name} ${flag.value}`, spec.name);
  }
  if (!flag.value && value !== undefined) throw new UsageError(`--${name} takes no value`, spec.name);
  values.set(name, value ?? '');
}

/** A stranger's word inside a sentence. */
function shorten(text: string): string {
  const printable = text.replace(/\p{Cc}/gu, '?');
  return printable.length > 60 ? `${printable.slice(0, 57)}...` : printable;
}
