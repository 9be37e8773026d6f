/** Keys that stand twice in one object of a JSON text: JSON.parse keeps the last and says nothing. */

/** Paths as 'spec.containers[0].name', in the order of the text. `text` has been parsed before, so it is well formed. */
export function duplicateKeys(text: string): string[] {
  const found: string[] = [];
  const open: Level[] = [];
  let key = '';
  for (let at = 0; at < text.length; at++) {
    const level = open[open.length - 1];
    switch (text[at]) {
      case '{':
        open.push({ path: childPath(level, key), keys: new Set(), index: 0, inKey: true });
        break;
      case '[':
        open.push({ path: childPath(level, key), keys: undefined, index: 0, inKey: false });
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case ',':
        level.index++;
        level.inKey = level.keys !== undefined;
        break;
      case '"': {
        const end = stringEnd(text, at);
        if (level?.inKey && level.keys) {
          key = String(JSON.parse(text.slice(at, end)));
          if (level.keys.has(key)) found.push(joined(level.path, key));
          level.keys.add(key);
          level.inKey = false;
        }
        at = end - 1;
      }
    }
  }
  return found;
}

interface Level {
  path: string;
  /** Of an object. */
  keys: Set<string> | undefined;
  /** Of a list: which item comes next. */
  index: number;
  /** In an object: a key comes next. */
  inKey: boolean;
}

function childPath(parent: Level | undefined, key: string): string {
  if (!parent) return '';
  return parent.keys ? joined(parent.path, key) : `${parent.path}[${parent.index}]`;
}

function joined(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** One past the closing quote. */
function stringEnd(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return text.length;
}
