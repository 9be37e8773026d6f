/** HTML by tagged template: whatever is put in is escaped, unless it is Html itself. The only way pages are made. */

export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = Html | string | number | boolean | null | undefined | readonly Value[];

/** html`<b>${name}</b>`: lists are joined, false and nothing print nothing. Serves SVG as well. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  let text = parts[0];
  for (let i = 0; i < values.length; i++) text += textOf(values[i]) + parts[i + 1];
  return new Html(text);
}

function textOf(value: Value): string {
  if (value instanceof Html) return value.text;
  if (value === null || value === undefined || typeof value === 'boolean') return '';
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return value.map(textOf).join('');
}

/** Safe inside elements and inside attributes in either kind of quotes. Control characters that HTML forbids go. */
export function escapeHtml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;')
    .replace(/\p{Cc}/gu, (c) => (c === '\n' || c === '\t' ? c : '\uFFFD'));
}
