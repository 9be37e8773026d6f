/** Keys that stand twice in one object of a JSON text: JSON.parse keeps the last and says nothing. */

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

export interface Duplicate {
  /** 'spec.containers[0].name' */
  path: string;
  /** Where in the text the second one begins. */
  offset: number;
}

/** In the order of the text, which has been parsed before, so it is well formed. */
export function duplicateKeys(text: string): Duplicate[] {
  const found: Duplicate[] = [];
  const open: Level[] = [];
  let level: Level | undefined;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === OPEN_OBJECT || code === OPEN_LIST) {
      const keys = code === OPEN_OBJECT ? new Set<string>() : undefined;
      level = { parent: level, keys, key: '', index: 0, inKey: keys !== undefined };
      open.push(level);
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
      open.pop();
      level = open[open.length - 1];
    } else if (code === COMMA && level) {
      level.index++;
      level.inKey = level.keys !== undefined;
    } else if (code === QUOTE) {
      const end = stringEnd(text, at);
      if (level?.inKey) takeKey(level, text.slice(at, end), at, found);
      at = end - 1;
    }
  }
  return found;
}

interface Level {
  parent: Level | undefined;
  /** Of an object. */
  keys: Set<string> | undefined;
  /** Of an object: the last one. */
  key: string;
  /** Of a list: which item comes next. */
  index: number;
  /** In an object: a key comes next. */
  inKey: boolean;
}

function takeKey(level: Level, quoted: string, offset: number, found: Duplicate[]): void {
  level.key = quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
  level.inKey = false;
  if (level.keys?.has(level.key)) found.push({ path: pathOf(level), offset });
  level.keys?.add(level.key);
}

/** Of what comes next in the level. */
function pathOf({ parent, keys, key, index }: Level): string {
  const before = parent ? pathOf(parent) : '';
  if (!keys) return `${before}[${index}]`;
  return before === '' ? key : `${before}.${key}`;
}

/** One past the closing quote. */
function stringEnd(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return text.length;
}
