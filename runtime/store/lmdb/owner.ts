/**
 * One process at a time has a store's folder open: a file `owner` names it, by id and start, so that one left behind by
 * a process that was killed is told from that of a living one. Processes that do not see each other (containers with
 * their own process ids that share a volume) are not kept apart.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StoreInUseError } from '../errors.ts';

export interface Owner {
  release(): void;
}

/** Throws StoreInUseError. */
export function takeOwnership(folder: string): Owner {
  const path = join(folder, 'owner');
  const own = identityOf(process.pid) ?? `${process.pid} `;
  const aside = `${path}.${randomUUID()}`;
  writeFileSync(aside, own, { mode: 0o600 });
  try {
    // A name is given to one of those that ask for it at the same time.
    while (!linked(aside, path)) moveAsideIfDead(path, folder);
  } finally {
    rmSync(aside, { force: true });
  }
  return {
    release: () => {
      if (existsSync(path) && readFileSync(path, 'utf8') === own) rmSync(path, { force: true });
    },
  };
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** What is moved may be another's than what was read, who saw the dead one too and was faster; then it goes back. */
function moveAsideIfDead(path: string, folder: string): void {
  const owner = readIfThere(path);
  if (owner === undefined) return;
  const pid = Number(owner.split(' ')[0]);
  const inUse = new StoreInUseError(`${folder} is in use by process ${pid}`);
  if (identityOf(pid) === owner) throw inUse;
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = readIfThere(aside);
  if (moved !== owner) {
    linked(aside, path);
    rmSync(aside, { force: true });
    throw inUse;
  }
  rmSync(aside, { force: true });
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** undefined where no such process lives. A process id comes again; with its start and the boot it does not. */
function identityOf(pid: number): string | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat === undefined) return existsSync('/proc/self/stat') || !lives(pid) ? undefined : `${pid} `;
  const boot = readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // proc_pid_stat(5): the 3rd field of all, the state, is the first here; the 22nd is the start.
  return fields[0] === 'Z' ? undefined : `${pid} ${fields[19]} ${boot}`;
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
