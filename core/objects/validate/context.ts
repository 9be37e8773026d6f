/** Where validation stands and what it has found: one mutable path, so that a good object costs no allocation. */

export type Segment = string | number;

/** A problem before it has a file: its path still in segments, so that a loader can find the line. */
export interface Finding {
  segments: Segment[];
  message: string;
  severity: 'error' | 'warning';
}

export class Context {
  readonly findings: Finding[] = [];
  /** Set when some field was null: Kubernetes reads that as absent, and the caller takes it out. */
  sawNull = false;
  /** Unknown fields are errors. */
  readonly strict: boolean;
  /** A field's value that is known to be good: it is not looked at. */
  readonly trusted: object | undefined;
  private readonly path: Segment[] = [];

  constructor(strict = false, trusted?: object) {
    this.strict = strict;
    this.trusted = trusted;
  }

  push(segment: Segment): void {
    this.path.push(segment);
  }

  pop(): void {
    this.path.pop();
  }

  /** `below` is the rest of the path under where validation stands. */
  error(message: string, ...below: Segment[]): void {
    this.findings.push({ segments: [...this.path, ...below], message, severity: 'error' });
  }

  warn(message: string, ...below: Segment[]): void {
    this.findings.push({ segments: [...this.path, ...below], message, severity: 'warning' });
  }

  unknownField(name: string): void {
    const finding: Finding = {
      segments: [...this.path, name],
      message: 'unknown field',
      severity: this.strict ? 'error' : 'warning',
    };
    this.findings.push(finding);
  }
}

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** 'spec.containers[0].resources.requests.cpu', 'metadata.labels[example.com/tier]'. */
export function formatPath(segments: readonly Segment[]): string {
  let path = '';
  for (const segment of segments) {
    if (typeof segment === 'string' && PLAIN_KEY.test(segment)) path += path === '' ? segment : `.${segment}`;
    else path += `[${shorten(String(segment))}]`;
  }
  return path;
}

const SHOWN_LENGTH = 80;

/** A text as messages quote it: never long, never more than a line. */
export function shorten(text: string): string {
  const cut = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not reach a terminal.
  return cut.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}
