/** Shell lines in a process group of their own: run to their end or in the background, always ended within a bound. */
import { type ChildProcess, spawn } from 'node:child_process';

/** A line that takes longer is killed, and has failed. */
export const LINE_LIMIT_MS = 45_000;

export interface Place {
  directory: string;
  env: Readonly<Record<string, string>>;
}

export interface Ended {
  out: string;
  err: string;
  /** 124 when it was killed because it took too long. */
  exit: number;
}

export class Line {
  out = '';
  err = '';
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #over = false;

  constructor(text: string, { directory, env }: Place) {
    this.#child = spawn('/bin/sh', ['-c', text], { cwd: directory, env, stdio: 'pipe', detached: true });
    this.#child.stdin?.end();
    this.#child.stdout?.on('data', (bytes: Buffer) => {
      this.out += bytes.toString();
    });
    this.#child.stderr?.on('data', (bytes: Buffer) => {
      this.err += bytes.toString();
    });
    const { promise, resolve } = Promise.withResolvers<Ended>();
    this.ended = promise;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.tell('SIGKILL');
    }, LINE_LIMIT_MS);
    this.#child.on('error', (error) => resolve({ out: this.out, err: `${this.err}${error.message}`, exit: 127 }));
    this.#child.on('close', (code) => {
      clearTimeout(timer);
      this.#over = true;
      resolve({ out: this.out, err: this.err, exit: late ? 124 : (code ?? 130) });
    });
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** To the whole group, so that no kubectl outlives its shell. */
  tell(signal: NodeJS.Signals): void {
    if (this.#over || this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
