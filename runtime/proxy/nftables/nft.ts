/** The nft tool: one transaction at a time, and what its refusal means. */
import { ApiError, type ApiErrorCode } from '../../../core/index.ts';
import { type Outcome, runTool, runToolAtExit, type Tool } from './command.ts';
import { TABLE } from './layout.ts';

const LINES_SHOWN = 4;
const CHARACTERS_SHOWN = 200;

export class Nft {
  readonly #tool: Tool;

  /** @param netns path of the network namespace whose kernel tables are meant; the process's own by default. */
  constructor(netns?: string, command = 'nft') {
    this.#tool = { command, from: 'Debian package nftables', ...(netns !== undefined && { netns }) };
  }

  /**
   * All commands or none.
   * @throws ApiError NotFound: no nft; Forbidden: not root; MethodNotAllowed: this kernel cannot; Conflict: anything else.
   */
  async transaction(commands: string): Promise<void> {
    const { code, stderr } = await runTool(this.#tool, ['-f', '-'], commands);
    if (code === 0) return;
    const [reason, message] = refusalOf({ code, stderr });
    throw new ApiError(reason, [{ path: '', object: 'nft', message, severity: 'error' }]);
  }

  /** Whether the table has this chain. */
  async hasChain(name: string): Promise<boolean> {
    const { code } = await runTool(this.#tool, ['list', 'chain', ...TABLE.split(' '), name]);
    return code === 0;
  }

  /** As the kernel has it, in nft's own words. */
  async list(): Promise<string> {
    const { stdout } = await runTool(this.#tool, ['-n', 'list', 'table', ...TABLE.split(' ')]);
    return stdout;
  }

  transactionAtExit(commands: string): void {
    runToolAtExit(this.#tool, ['-f', '-'], commands);
  }
}

function refusalOf({ code, stderr }: Pick<Outcome, 'code' | 'stderr'>): [ApiErrorCode, string] {
  if (/not permitted|must be root/i.test(stderr)) return ['Forbidden', 'needs root, or the capability CAP_NET_ADMIN'];
  if (/initialize Netlink|Protocol not supported|not supported/i.test(stderr))
    return ['MethodNotAllowed', `this kernel lacks what the table needs: ${shorten(stderr)}`];
  return ['Conflict', code === null ? 'did not end in time, and was killed' : shorten(stderr)];
}

/** nft repeats the line that is wrong, which may hold a thousand elements. */
function shorten(text: string): string {
  const lines = text.split('\n').filter((line) => /[^\s^~]/.test(line));
  return lines
    .slice(0, LINES_SHOWN)
    .map((line) => (line.length > CHARACTERS_SHOWN ? `${line.slice(0, CHARACTERS_SHOWN)}…` : line))
    .join(' / ');
}
