/** Runs a tool of the system, in this network namespace or another one, and says in a sentence why it cannot. */
import { spawn, spawnSync } from 'node:child_process';
import { ApiError, type Problem } from '../../../core/index.ts';

export interface Outcome {
  /** null: killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Tool {
  /** 'nft', or a path. */
  readonly command: string;
  /** What has it, in words: 'Debian package nftables'. */
  readonly from: string;
  /** Path of the network namespace it works in; this process's own by default. */
  readonly netns?: string;
}

const TIMEOUT_MS = 600_000;

/** @throws ApiError when the tool is not there. Its own failure is an outcome. */
export function runTool(tool: Tool, args: readonly string[], input = ''): Promise<Outcome> {
  const [command, ...all] = commandLine(tool, args);
  return new Promise((resolve, reject) => {
    const child = spawn(command, all);
    // Not spawn's own timeout: of a tool that is not there it would keep the process for as long.
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(unstartable(tool, error));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      const outcome = { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
      if (code === 127 && outcome.stderr.startsWith('nsenter: failed to execute')) reject(absent(tool));
      else resolve(outcome);
    });
    // A tool that ends before it has read everything says why on stderr.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** The same for the last moment of a process, when nothing can be waited for. */
export function runToolAtExit(tool: Tool, args: readonly string[], input: string): void {
  const [command, ...all] = commandLine(tool, args);
  spawnSync(command, all, { input, timeout: 10_000, stdio: ['pipe', 'ignore', 'ignore'] });
}

function commandLine({ command, netns }: Tool, args: readonly string[]): string[] {
  return netns === undefined ? [command, ...args] : ['nsenter', `--net=${netns}`, command, ...args];
}

function unstartable(tool: Tool, cause: Error): ApiError {
  if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return absent(tool);
  return new ApiError('NotFound', [problem(tool, cause.message)], { cause });
}

function absent(tool: Tool): ApiError {
  return new ApiError('NotFound', [problem(tool, `is not installed (${tool.from})`)]);
}

function problem({ command }: Tool, message: string): Problem {
  return { path: '', object: command, message, severity: 'error' };
}
