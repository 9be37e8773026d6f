/** Runs the command line as a user would: a process of its own, with its exit code and what it printed. */
import { type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const KEELSON = join(import.meta.dirname, '..', '..', 'runtime', 'cli', 'keelson.ts');

export interface Ran {
  code: number | null;
  signal: string | null;
  out: string;
  err: string;
}

const ENVIRONMENT = { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined };

export function keelson(args: readonly string[], options: { cwd?: string; timeoutMs?: number } = {}): Ran {
  const { cwd, timeoutMs = 60_000 } = options;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [KEELSON, ...args], {
    cwd,
    env: ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: 256 * 1024 * 1024,
    encoding: 'utf8',
  });
  return { code: status, signal, out: stdout, err: stderr };
}

/** As keelson(), several at a time. */
export function keelsonLater(args: readonly string[], options: SpawnOptions = {}): Promise<Ran> {
  const { promise, resolve, reject } = Promise.withResolvers<Ran>();
  const child = spawn(process.execPath, [KEELSON, ...args], {
    env: ENVIRONMENT,
    timeout: 60_000,
    killSignal: 'SIGKILL',
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  child.on('error', reject);
  child.on('close', (code, signal) => {
    resolve({ code, signal, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() });
  });
  return promise;
}

export interface Folder {
  path: string;
  addFolder(name: string): void;
  remove(): void;
}

/** A new folder with these files, in the system's place for temporary ones. */
export function folderOf(files: Record<string, string | Uint8Array>): Folder {
  const path = mkdtempSync(join(tmpdir(), 'keelson-test-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return {
    path,
    addFolder: (name) => mkdirSync(join(path, name)),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
