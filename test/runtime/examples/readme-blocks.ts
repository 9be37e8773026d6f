/** The examples of a folder's README: blocks of shell commands, each with what it prints. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ShellBlock {
  commands: string;
  /** Whether this is what the text block after it shows. */
  prints(output: string): boolean;
  /** That text. */
  shown: string;
}

export function shellBlocks(folder: string): ShellBlock[] {
  const text = readFileSync(join(folder, 'README.md'), 'utf8');
  const blocks = text.matchAll(/```sh\n(?<commands>.*?)```\n\n```text\n(?<shown>.*?)```/gs);
  return Array.from(blocks, ({ groups }) => {
    const { commands = '', shown = '' } = groups ?? {};
    return { commands, shown, prints: (output) => asShown(shown).test(output.trim()) };
  });
}

/** … stands for anything, with the blanks around it; how many blanks there are between two words does not count. */
function asShown(shown: string): RegExp {
  const parts = shown
    .trim()
    .split(/\s*…\s*/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+'));
  return new RegExp(`^${parts.join('[^]*?')}$`);
}
