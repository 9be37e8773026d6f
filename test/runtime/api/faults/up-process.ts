/** `keelson up` in a process that tests kill, and an HTTPS client that believes its authority. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { parse } from 'yaml';
import { KEELSON } from '../../../support/keelson.ts';

export interface Answered {
  code: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
  body: any;
}

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { token: string } }[];
}

export class UpProcess {
  readonly pid: number;
  /** From the start of the process to its being ready. */
  readonly readyMs: number;
  private readonly child: ChildProcess;
  private readonly agent: Agent;
  readonly url: string;
  /** The administrator's. */
  readonly token: string;
  /** PEM. */
  readonly authority: Buffer;

  /** Rejects with what it said when it ends instead. */
  static async start(dataDir: string, args: readonly string[] = []): Promise<UpProcess> {
    const began = performance.now();
    const all = [KEELSON, 'up', '--data-dir', dataDir, '--port', '0', '-o', 'json', ...args];
    const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] });
    const killed = (): void => void child.kill('SIGKILL');
    process.once('exit', killed);
    child.once('exit', () => process.off('exit', killed));
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    const kubeconfig = await new Promise<string>((resolve, reject) => {
      let text = '';
      child.stdout.on('data', (chunk) => {
        text += chunk;
        if (text.includes('}')) resolve((JSON.parse(text) as { kubeconfig: string }).kubeconfig);
      });
      child.once('exit', (code) => reject(new Error(`keelson up ended with ${code}: ${said}`)));
    });
    return new UpProcess(child, performance.now() - began, parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig);
  }

  private constructor(child: ChildProcess, readyMs: number, { clusters: [{ cluster }], users }: Kubeconfig) {
    this.child = child;
    this.pid = child.pid ?? 0;
    this.readyMs = readyMs;
    this.url = cluster.server;
    this.token = users[0].user.token;
    this.authority = Buffer.from(cluster['certificate-authority-data'], 'base64');
    this.agent = new Agent({ keepAlive: true, ca: this.authority, maxSockets: Number.POSITIVE_INFINITY });
  }

  /** Rejects when the connection breaks before the answer is whole. @param body sent as JSON. */
  ask(method: string, path: string, body?: unknown): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const asked = this.send(method, path, text, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ code: answer.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) }),
        );
      });
      asked.on('error', reject);
      asked.end(text);
    });
  }

  /** For answers that are no JSON. */
  async text(path: string): Promise<string> {
    const asked = this.send('GET', path, undefined, () => {});
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    let text = '';
    answer.setEncoding('utf8');
    for await (const chunk of answer) text += chunk;
    return text;
  }

  /** Each line as it comes, until the connection ends, however it does. */
  async watch(path: string, onLine: (line: string) => void): Promise<void> {
    const asked = this.send('GET', path, undefined, () => {});
    asked.end();
    try {
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      let rest = '';
      answer.setEncoding('utf8');
      for await (const chunk of answer) {
        const lines = `${rest}${chunk}`.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onLine(line);
      }
    } catch (error) {
      if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error; // Killed: that was wanted.
    }
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
    this.agent.destroy();
  }

  private send(method: string, path: string, text: string | undefined, done: (answer: IncomingMessage) => void) {
    const length =
      text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const headers = { authorization: `Bearer ${this.token}`, ...length };
    return request(this.url + path, { method, agent: this.agent, headers }, done);
  }
}
