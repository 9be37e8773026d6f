/** The examples of README.md, with what each of them prints: code for tests to run, so that the page stays true. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Example {
  code: string;
  /** The block of text that follows it. */
  prints: string;
}

export function readmeExamples(section: string): Example[] {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  const body = text.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? '';
  const blocks = body.matchAll(/```ts\n(?<code>.*?)```\n\n```text\n(?<prints>.*?)```/gs);
  return Array.from(blocks, ({ groups }) => ({ code: groups?.code ?? '', prints: groups?.prints ?? '' }));
}
