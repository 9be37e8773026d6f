/**
 * The programs of a made-up pod: enough of a shell that `kubectl exec`, `cp` and a script in an example have something
 * true to talk to. Nothing is run on the machine; files are in memory.
 */
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandStreams } from '../pod-streams.ts';
import type { MadeUpFiles } from './files.ts';
import { parseLine, type ShellCommand } from './shell-words.ts';
import { tar } from './tar.ts';

export interface Surroundings {
  hostname: string;
  variables: Readonly<Record<string, string>>;
  files: MadeUpFiles;
}

/** One run: where its output goes is told anew for every command. */
interface Run extends Surroundings {
  streams: CommandStreams;
  out(bytes: string | Buffer): void;
  complain(text: string): void;
}

type Program = (args: readonly string[], run: Run) => number | Promise<number>;

const NOT_FOUND = 127;
const SLEEP_LIMIT_SECONDS = 3600;

function say(text: (run: Run) => string): Program {
  return (_args, run) => {
    run.out(`${text(run)}\n`);
    return 0;
  };
}

const PROGRAMS: ReadonlyMap<string, Program> = new Map<string, Program>([
  ['true', () => 0],
  ['false', () => 1],
  [':', () => 0],
  ['echo', echo],
  ['hostname', say((run) => run.hostname)],
  ['whoami', say(() => 'root')],
  ['id', say(() => 'uid=0(root) gid=0(root) groups=0(root)')],
  ['pwd', say(() => '/')],
  ['env', env],
  ['printenv', env],
  ['cat', cat],
  ['ls', ls],
  ['rm', rm],
  ['mkdir', () => 0],
  ['touch', (args, run) => write(run, args, Buffer.alloc(0))],
  ['test', (args, run) => (holds(args, run) ? 0 : 1)],
  ['sleep', nap],
  [
    'tar',
    (args, run) =>
      tar(args, run.files, { stdin: run.streams.stdin, stdout: run.streams.stdout, complain: run.complain }),
  ],
]);

const SHELLS = new Set(['sh', '/bin/sh', 'bash', '/bin/bash', 'ash', '/bin/ash']);

/** Resolves with the exit code. @throws Error for a program that is not there, in the words of a container runtime. */
export async function runCommand(
  command: readonly string[],
  surroundings: Surroundings,
  streams: CommandStreams,
): Promise<number> {
  const run: Run = {
    ...surroundings,
    streams,
    out: (bytes) => void streams.stdout?.write(streams.tty ? withCarriageReturns(bytes) : bytes),
    complain: (text) => void (streams.stderr ?? streams.stdout)?.write(streams.tty ? withCarriageReturns(text) : text),
  };
  const [name, ...args] = command;
  if (SHELLS.has(name)) return args[0] === '-c' ? script(args[1] ?? '', run) : interactive(run);
  const program = PROGRAMS.get(baseName(name));
  if (!program) {
    throw new Error(
      `error executing command in container: failed to exec in container: exec: "${name}": executable file not found in $PATH: unknown`,
    );
  }
  return program(args, run);
}

const baseName = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
const withCarriageReturns = (bytes: string | Buffer): string => String(bytes).replace(/\r?\n/g, '\r\n');

/** `exit` ends the whole script, from wherever it stands. */
class Exit {
  readonly code: number;
  constructor(code: number) {
    this.code = code;
  }
}

async function script(text: string, run: Run): Promise<number> {
  const code = await line(text, run);
  return code instanceof Exit ? code.code : code;
}

async function line(text: string, run: Run): Promise<number | Exit> {
  let commands: ShellCommand[];
  try {
    commands = parseLine(text, run.variables);
  } catch (error) {
    run.complain(`sh: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  let code = 0;
  for (const command of commands) {
    if ((command.after === '&&' && code !== 0) || (command.after === '||' && code === 0)) continue;
    if (run.streams.gone.aborted) break;
    const [name, ...args] = command.words;
    if (name === 'exit') return new Exit(args.length > 0 ? Number(args[0]) & 255 : code);
    code = await one(command, name, args, run);
  }
  return code;
}

async function one({ output }: ShellCommand, name: string, args: readonly string[], run: Run): Promise<number> {
  if (SHELLS.has(name) && args[0] === '-c') return script(args[1] ?? '', run);
  const program = PROGRAMS.get(baseName(name));
  if (!program) {
    run.complain(`sh: ${name}: not found\n`);
    return NOT_FOUND;
  }
  if (!output) return program(args, run);
  if (output.to === '2') return program(args, { ...run, out: (bytes) => run.complain(String(bytes)) });
  const parts: Buffer[] = output.append ? [run.files.read(output.to) ?? Buffer.alloc(0)] : [];
  const code = await program(args, { ...run, out: (bytes) => parts.push(Buffer.from(bytes)) });
  return output.to === '/dev/null' ? code : write(run, [output.to], Buffer.concat(parts)) || code;
}

/** What Ctrl-D sends. */
const END_OF_INPUT = '\u0004';

/** A prompt on a terminal; without one, a script that comes line by line. */
async function interactive(run: Run): Promise<number> {
  const { stdin, tty, gone } = run.streams;
  if (!stdin) return 0;
  const lines = createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY });
  const prompt = (): void => {
    if (tty) run.out('/ # ');
  };
  stdin.on('data', (bytes: Buffer) => {
    const typed = bytes.toString();
    if (tty) run.out(typed.replaceAll('\r', '\n').replaceAll(END_OF_INPUT, ''));
    if (tty && typed.includes(END_OF_INPUT)) lines.close();
  });
  gone.addEventListener('abort', () => lines.close(), { once: true });
  let code = 0;
  prompt();
  for await (const text of lines) {
    const result = await line(text, run);
    if (result instanceof Exit) return result.code;
    code = result;
    prompt();
  }
  return code;
}

// --- programs ------------------------------------------------------------------------------------------------------

function echo(args: readonly string[], run: Run): number {
  const bare = args[0] === '-n';
  run.out(`${(bare ? args.slice(1) : args).join(' ')}${bare ? '' : '\n'}`);
  return 0;
}

function env(args: readonly string[], run: Run): number {
  if (args.length > 0) {
    const found = args.map((name) => run.variables[name]).filter((value) => value !== undefined);
    for (const value of found) run.out(`${value}\n`);
    return found.length === args.length ? 0 : 1;
  }
  for (const [name, value] of Object.entries(run.variables)) run.out(`${name}=${value}\n`);
  return 0;
}

async function cat(args: readonly string[], run: Run): Promise<number> {
  if (args.length === 0) {
    await copyInput(run);
    return 0;
  }
  let code = 0;
  for (const path of args) {
    const content = run.files.read(path);
    if (content) run.out(content);
    else {
      run.complain(`cat: can't open '${path}': No such file or directory\n`);
      code = 1;
    }
  }
  return code;
}

/** To its end: of the stream or, on a terminal, where Ctrl-D was typed. */
async function copyInput({ streams: { stdin, tty }, out }: Run): Promise<void> {
  if (!stdin) return;
  // What carries the streams may not be closed from here.
  for await (const bytes of stdin.iterator({ destroyOnReturn: false })) {
    const end = tty ? (bytes as Buffer).indexOf(END_OF_INPUT) : -1;
    out(end < 0 ? (bytes as Buffer) : (bytes as Buffer).subarray(0, end));
    if (end >= 0) return;
  }
}

function ls(args: readonly string[], run: Run): number {
  const paths = args.filter((arg) => !arg.startsWith('-'));
  let code = 0;
  for (const path of paths.length > 0 ? paths : ['/']) {
    if (run.files.read(path)) run.out(`${path}\n`);
    else if (run.files.isDirectory(path)) for (const entry of run.files.entries(path)) run.out(`${entry}\n`);
    else {
      run.complain(`ls: ${path}: No such file or directory\n`);
      code = 1;
    }
  }
  return code;
}

function rm(args: readonly string[], run: Run): number {
  const force = args.some((arg) => /^-\w*f/.test(arg));
  let code = 0;
  for (const path of args.filter((arg) => !arg.startsWith('-'))) {
    const found = run.files.under(path);
    for (const file of found) run.files.remove(file);
    if (found.length > 0 || force) continue;
    run.complain(`rm: can't remove '${path}': No such file or directory\n`);
    code = 1;
  }
  return code;
}

function write(run: Run, paths: readonly string[], content: Buffer): number {
  try {
    for (const path of paths) run.files.write(path, content);
    return 0;
  } catch (error) {
    run.complain(`sh: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function holds(args: readonly string[], run: Run): boolean {
  const [operator, operand = ''] = args;
  if (operator === '-d') return run.files.isDirectory(operand);
  if (operator === '-f' || operator === '-e') return run.files.read(operand) !== undefined;
  if (operator === '-n') return operand !== '';
  if (operator === '-z') return operand === '';
  if (args[1] === '=') return args[0] === args[2];
  if (args[1] === '!=') return args[0] !== args[2];
  return args.length > 0 && args[0] !== '';
}

async function nap([seconds = '0']: readonly string[], run: Run): Promise<number> {
  const length = Math.min(Number.parseFloat(seconds) || 0, SLEEP_LIMIT_SECONDS);
  try {
    await sleep(length * 1000, undefined, { signal: run.streams.gone });
    return 0;
  } catch {
    // The client has gone: as if killed by SIGHUP.
    return 129;
  }
}
