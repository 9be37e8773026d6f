/** The real kubectl in its versions, each run with a home and a cache of its own. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { kubeconfigText } from '../../runtime/api/auth/kubeconfig.ts';
import type { TestServer } from './api-server.ts';

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export type Kubectl = (args: readonly string[], stdin?: string) => Promise<Outcome>;

/** Version → its program, for those that are installed; says aloud what is not, and fails in CI unless told otherwise. */
export function installedKubectls(versions: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const version of versions) {
    const path = findKubectl(version);
    if (path) found.set(version, path);
    else if (process.env.CI === 'true' && process.env.KEELSON_NO_KUBECTL !== '1') {
      throw new Error(`kubectl.${version} is not installed; KEELSON_NO_KUBECTL=1 does without`);
    } else console.log(`skipped: kubectl.${version} is not installed, and nothing is shown about it`);
  }
  return found;
}

function findKubectl(version: string): string | undefined {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const kubectl = join(directory, 'kubectl');
    if (!existsSync(kubectl)) continue;
    for (const place of [directory, dirname(realpathSync(kubectl))]) {
      const path = join(place, `kubectl.${version}`);
      if (existsSync(path)) return path;
    }
  }
  return undefined;
}

/** @param api must be secure: kubectl sends no credentials over plain HTTP. */
export function kubectlOf(program: string, api: TestServer): Kubectl {
  const home = mkdtempSync(join(tmpdir(), 'keelson-kubectl-'));
  const { auth } = api.server;
  const config = { server: api.url, authority: auth.authority.pair.certificate, user: 'admin', token: auth.adminToken };
  const kubeconfig = join(home, 'config');
  writeFileSync(kubeconfig, kubeconfigText(config));
  return (args, stdin = '') =>
    new Promise((resolve) => {
      const env = { PATH: process.env.PATH, HOME: home, KUBECONFIG: kubeconfig };
      const child = execFile(program, [...args], { env, timeout: 30_000 }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      });
      child.stdin?.end(stdin);
    });
}
