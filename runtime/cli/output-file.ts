/** Files that a command writes at its end: whether that will work is found out before the work begins. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Flags } from './flags.ts';

/** The absolute path that a flag names. @throws UsageError when no file can be written there. */
export function outputFile(flags: Flags, name: string, otherwise: string): string {
  const given = flags.text(name) ?? otherwise;
  const path = resolve(given);
  const folder = dirname(path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw flags.wrong(name, `${given}: there is no folder ${folder}`);
  }
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing?.isDirectory()) throw flags.wrong(name, `${given} is a folder`);
  try {
    accessSync(existing ? path : folder, constants.W_OK);
  } catch {
    throw flags.wrong(name, `${given} cannot be written`);
  }
  return path;
}
