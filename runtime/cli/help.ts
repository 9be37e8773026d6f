/** --help, for the program and for each command. */
import type { CommandSpec } from './command.ts';
import { COMMON_FLAGS } from './flags.ts';

const WIDTH = 96;

export function programHelp(commands: readonly CommandSpec[]): string {
  return `keelson: a Kubernetes-compatible scheduler and simulator whose decisions are kube-scheduler's

Usage
  keelson COMMAND [FLAGS]

Commands
${columns([...commands.map(({ name, summary }): [string, string] => [name, summary]), ['help [COMMAND]', 'this text, or that of a command']])}

Flags
${columns([
  ['-h, --help', 'this text; after a command: its flags and examples'],
  ['--version', 'the version of keelson'],
])}

Exit codes: 0 fine, 1 a failure or a check that did not hold, 2 wrong input or flags.
`;
}

export function commandHelp({ name, summary, usages, about, flags, examples }: CommandSpec): string {
  const rows = [...flags, ...COMMON_FLAGS].map((flag): [string, string] => {
    const short = flag.short ? `-${flag.short}, ` : '    ';
    return [`${short}--${flag.name}${flag.value ? ` ${flag.value}` : ''}`, flag.about];
  });
  return `keelson ${name}: ${summary}

Usage
${usages.map((usage) => `  keelson ${name}${usage && ` ${usage}`}`).join('\n')}

${about.map((paragraph) => wrap(paragraph, WIDTH).join('\n')).join('\n\n')}

Flags
${columns(rows)}

Examples
${examples.map(({ line, does }) => `  ${line}\n      ${wrap(does, WIDTH - 6).join('\n      ')}`).join('\n')}
`;
}

function columns(rows: readonly [string, string][]): string {
  const left = Math.max(...rows.map(([word]) => word.length)) + 2;
  return rows
    .map(([word, text]) => `  ${word.padEnd(left)}${wrap(text, WIDTH - left - 2).join(`\n  ${' '.repeat(left)}`)}`)
    .join('\n');
}

/** Lines of at most `width`, broken at spaces. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  return [...lines, line];
}
