/** A line of shell, cut into commands: quotes, variables, `;`, `&&`, `||`, and output to files or to the other stream. */

export interface ShellCommand {
  words: string[];
  /** How it hangs on the one before it. */
  after: ';' | '&&' | '||';
  /** '2' for `>&2`, else a file. */
  output?: { to: string; append: boolean };
}

const SPACE = /\s/;

/** @throws Error on a quote that is not closed, or on what this shell does not know. */
export function parseLine(line: string, variables: Readonly<Record<string, string>>): ShellCommand[] {
  const commands: ShellCommand[] = [];
  let current: ShellCommand = { words: [], after: ';' };
  let at = 0;
  const finish = (after: ShellCommand['after']): void => {
    if (current.words.length > 0) commands.push(current);
    current = { words: [], after };
  };
  while (at < line.length) {
    const char = line[at];
    if (SPACE.test(char) && char !== '\n') at++;
    else if (char === ';' || char === '\n') {
      finish(';');
      at++;
    } else if (line.startsWith('&&', at) || line.startsWith('||', at)) {
      finish(line.startsWith('&&', at) ? '&&' : '||');
      at += 2;
    } else if (char === '|' || char === '&' || char === '<' || char === '(') {
      throw new Error(`'${char}' is not known to the shell of a made-up pod`);
    } else if (char === '>' || line.startsWith('1>', at)) {
      at = redirect(line, at, current, variables);
    } else {
      const word = readWord(line, at, variables);
      current.words.push(word.text);
      at = word.end;
    }
  }
  finish(';');
  return commands;
}

function redirect(
  line: string,
  from: number,
  command: ShellCommand,
  variables: Readonly<Record<string, string>>,
): number {
  let at = line[from] === '1' ? from + 2 : from + 1;
  const append = line[at] === '>';
  if (append) at++;
  if (line.startsWith('&2', at)) {
    command.output = { to: '2', append };
    return at + 2;
  }
  while (at < line.length && SPACE.test(line[at])) at++;
  const word = readWord(line, at, variables);
  if (word.text === '') throw new Error("syntax error: a file's name is missing behind '>'");
  command.output = { to: word.text.startsWith('/') ? word.text : `/${word.text}`, append };
  return word.end;
}

function readWord(
  line: string,
  from: number,
  variables: Readonly<Record<string, string>>,
): { text: string; end: number } {
  let text = '';
  let at = from;
  while (at < line.length && !/[\s;&|<>()]/.test(line[at])) {
    const char = line[at];
    if (char === "'") {
      const end = line.indexOf("'", at + 1);
      if (end < 0) throw new Error('syntax error: unterminated quoted string');
      text += line.slice(at + 1, end);
      at = end + 1;
    } else if (char === '"') {
      const quoted = readQuoted(line, at + 1, variables);
      text += quoted.text;
      at = quoted.end;
    } else if (char === '\\') {
      text += line[at + 1] ?? '';
      at += 2;
    } else if (char === '$') {
      const variable = readVariable(line, at, variables);
      text += variable.text;
      at = variable.end;
    } else {
      text += char;
      at++;
    }
  }
  return { text, end: at };
}

function readQuoted(
  line: string,
  from: number,
  variables: Readonly<Record<string, string>>,
): { text: string; end: number } {
  let text = '';
  let at = from;
  while (at < line.length && line[at] !== '"') {
    if (line[at] === '\\' && '"\\$'.includes(line[at + 1] ?? ' ')) {
      text += line[at + 1];
      at += 2;
    } else if (line[at] === '$') {
      const variable = readVariable(line, at, variables);
      text += variable.text;
      at = variable.end;
    } else {
      text += line[at];
      at++;
    }
  }
  if (at >= line.length) throw new Error('syntax error: unterminated quoted string');
  return { text, end: at + 1 };
}

function readVariable(
  line: string,
  from: number,
  variables: Readonly<Record<string, string>>,
): { text: string; end: number } {
  const match = /^\$(?:\{(\w+)\}|(\w+))/.exec(line.slice(from, from + 256));
  if (!match) return { text: '$', end: from + 1 };
  return { text: variables[match[1] ?? match[2]] ?? '', end: from + match[0].length };
}
