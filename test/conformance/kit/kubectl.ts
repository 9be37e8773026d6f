/** The machine's kubectl, as the cluster's administrator, with a cache of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as assert from 'uvu/assert';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Kubectl {
  /** @param input given on stdin. */
  run(args: readonly string[], input?: string): Promise<Ran>;
  /** @returns stdout of a run that has to succeed. */
  output(args: readonly string[], input?: string): Promise<string>;
  /** For what runs until it is stopped; the caller ends it. */
  start(args: readonly string[]): ChildProcess;
}

/** Rows that run it. */
export const NEEDS_KUBECTL: ReadonlySet<string> = new Set([
  'C001',
  'C106',
  'C107',
  'C109',
  'C111',
  'C115',
  'C116',
  'C117',
  'C118',
  'C108',
  'C110',
  'C112',
  'C113',
  'C114',
  'C119',
  'C120',
  'C121',
  'C105',
]);

export function hasKubectl(): boolean {
  return spawnSync('kubectl', ['version', '--client']).status === 0;
}

/** @param directory holds the kubeconfig file 'admin.conf'; the cache goes beside it. */
export function kubectlIn(directory: string): Kubectl {
  const env = { ...process.env, HOME: directory, KUBECONFIG: join(directory, 'admin.conf') };
  const start = (args: readonly string[]): ChildProcess => spawn('kubectl', args, { env, stdio: 'pipe' });
  const run: Kubectl['run'] = (args, input = '') =>
    new Promise((resolve, reject) => {
      const child = start(args);
      const ran: Ran = { code: 0, stdout: '', stderr: '' };
      child.stdout?.on('data', (chunk) => (ran.stdout += chunk));
      child.stderr?.on('data', (chunk) => (ran.stderr += chunk));
      child.on('error', reject);
      child.on('close', (code) => resolve({ ...ran, code: code ?? -1 }));
      child.stdin?.on('error', () => {}); // It ended without reading all: its exit code tells.
      child.stdin?.end(input);
    });
  return {
    run,
    start,
    async output(args, input) {
      const { code, stdout, stderr } = await run(args, input);
      assert.is(code, 0, `kubectl ${args.join(' ')}: ${stderr}`);
      return stdout;
    },
  };
}
