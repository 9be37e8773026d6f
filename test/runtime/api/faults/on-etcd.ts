/** Clusters on one etcd, each in a process of its own that can be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { newFolder } from '../../store/folder.ts';

export interface Server {
  child: ChildProcess;
  url: string;
  leads: boolean;
  said(): string;
}

/** @param leases 'default': as `keelson up` has them; 'short': of two seconds. */
export async function start(store: string, leases: 'short' | 'default' = 'short'): Promise<Server> {
  const args = [join(import.meta.dirname, 'cluster-process.ts'), newFolder(), store, leases];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  process.once('exit', () => child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  child.once('exit', (code) => code !== null && console.log(`a server ended with ${code}: ${said}`));
  const [line] = await once(child.stdout, 'data');
  return { child, ...(JSON.parse(String(line)) as { url: string; leads: boolean }), said: () => said };
}

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
export async function ask({ url }: Server, method: string, path: string, body?: unknown): Promise<any> {
  const headers = { 'content-type': 'application/json' };
  return (
    await fetch(url + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) })
  ).json();
}

/** Fails after half a minute. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (await holds()) return;
    await new Promise((next) => setTimeout(next, 50));
  }
  assert.unreachable(what);
}
