/** What a command is: words for --help, the flags it takes, and the module that runs it, loaded only when asked for. */
import type { FlagSpec, Flags } from './flags.ts';
import type { Terminal } from './terminal.ts';

export interface CommandSpec {
  name: string;
  /** One line, for the list of commands. */
  summary: string;
  /** Each way to call it, without `keelson NAME`. */
  usages: string[];
  /** Paragraphs. */
  about: string[];
  flags: FlagSpec[];
  examples: { line: string; does: string }[];
  load(): Promise<{ run: RunCommand }>;
}

/** Resolves to the exit code. Wrong input is thrown: UsageError, or any error with a list of `problems`. */
export type RunCommand = (flags: Flags, terminal: Terminal) => Promise<number>;
