/**
 * What the user reads when a command throws, and the exit code. Wrong flags or input: the problems, exit 2. The world
 * failing (a full disk, a file that may not be read): one sentence. Anything else is a bug, and shows its stack.
 */
import { UsageError } from './usage-error.ts';

/** So many problems are shown. */
const SHOWN = 20;
/** What a store, or its file (runtime/store/errors.ts), or a machine's network (runtime/services) cannot do is no bug. */
const UNABLE: ReadonlySet<string> = new Set([
  'CannotCarry',
  'InvalidRequestError',
  'SnapshotError',
  'StoreFullError',
  'StoreInUseError',
  'StoreNotEmptyError',
  'StoreUnavailableError',
]);
/** System errors that say the user's path is wrong, not that the machine is. */
const WRONG_PATH = ['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'ENAMETOOLONG', 'ELOOP', 'EEXIST', 'EROFS', 'EPERM'];

export function describeFailure(error: unknown): { text: string; exitCode: number } {
  if (error instanceof UsageError) {
    const more = `keelson ${error.command ? `${error.command} ` : ''}--help`;
    return { text: `keelson: ${printable(error.message)}\n'${more}' tells more.`, exitCode: 2 };
  }
  if (isWrongInput(error)) {
    const lines = printable(error.message).split('\n');
    const rest = lines.length - SHOWN;
    const shown = lines.slice(0, SHOWN).map((line) => `keelson: ${line}`);
    return { text: [...shown, ...(rest > 0 ? [`and ${rest} more problems`] : [])].join('\n'), exitCode: 2 };
  }
  if (error instanceof Error && UNABLE.has(error.name)) {
    return { text: printable(`keelson: ${error.message}`), exitCode: 1 };
  }
  const system = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (system.code === 'EADDRINUSE') {
    const text = `keelson: ${system.address}:${system.port} is in use by another process; --port 0 takes any that is free`;
    return { text, exitCode: 1 };
  }
  if (error instanceof Error && typeof system.code === 'string' && typeof system.syscall === 'string') {
    const path = system.path ? `${system.path}: ` : '';
    return {
      text: printable(`keelson: ${path}${reasonOf(system)}`),
      exitCode: WRONG_PATH.includes(system.code) ? 2 : 1,
    };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `keelson: this is a bug in keelson, please report it:\n${stack}`, exitCode: 1 };
}

/** Every kind of wrong input (ApiError, InvalidTrace) lists its problems; its message has one a line, with file and place. */
function isWrongInput(error: unknown): error is Error {
  return error instanceof Error && Array.isArray((error as { problems?: unknown }).problems);
}

/** Names and values out of a stranger's file must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (c) => (c === '\n' ? c : '\uFFFD'));
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'no such file or folder';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ENOTDIR') return 'it is not in a folder';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'ENOSPC') return 'no space left on the disk';
  return message;
}
