/** Settings of the kernel below /proc/sys, set for as long as they are needed. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export type Undo = () => void | Promise<void>;

/** @returns how to set back what was there. @throws Error in words where there is no such setting, or it may not be set. */
export function setKernel(path: string, value: string): Undo {
  const file = `/proc/sys/${path}`;
  if (!existsSync(file)) throw new Error(`this kernel has no ${path.replaceAll('/', '.')}`);
  const before = readFileSync(file, 'utf8').trim();
  if (before === value) return () => {};
  write(file, value);
  // With what it is about the setting may have gone.
  return () => {
    if (existsSync(file)) write(file, before);
  };
}

/** Also where the process ends without having undone it, as by an error; then nothing can be waited for. */
export function undoneAtExit(undo: Undo, atExit: () => void): Undo {
  process.once('exit', atExit);
  return async () => {
    process.off('exit', atExit);
    await undo();
  };
}

function write(file: string, value: string): void {
  try {
    writeFileSync(file, value);
  } catch (cause) {
    throw new Error(`${file} cannot be set to ${value}`, { cause });
  }
}
