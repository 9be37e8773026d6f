/**
 * Bearer tokens that never change: the administrator's, made at the first start, and those of a file in Kubernetes' own
 * form. Source: Kubernetes v1.36, apiserver/pkg/authentication/token/tokenfile.
 */
import { hash as hashOf, randomBytes } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { AUTHENTICATED_GROUP, type User } from '../../request.ts';
import { readIfThere, writePrivate } from '../private-file.ts';
import { MASTERS_GROUP } from '../rbac/authorizer.ts';

export const ADMIN: User = { name: 'kubernetes-admin', groups: [MASTERS_GROUP, AUTHENTICATED_GROUP] };

/** Found by their hash, so that the time a look-up takes says nothing about the tokens there are. */
export class StaticTokens {
  readonly #users = new Map<string, User>();

  add(token: string, user: User): void {
    this.#users.set(hash(token), user);
  }

  authenticate(token: string): User | undefined {
    return this.#users.get(hash(token));
  }
}

function hash(token: string): string {
  return hashOf('sha256', token, 'base64');
}

/** The token of `path`, made there at first: 256 random bits. */
export async function ensureAdminToken(path: string): Promise<string> {
  const kept = (await readIfThere(path))?.trim();
  if (kept) return kept;
  const token = randomBytes(32).toString('base64url');
  await writePrivate(path, `${token}\n`);
  return token;
}

/**
 * Lines of TOKEN,USER,UID[,"GROUP1,GROUP2"]; lines that begin with # are comments. Throws an Error with every wrong line.
 *
 * @param path for messages only.
 */
export function parseTokenFile(text: string, path: string): { token: string; user: User }[] {
  const problems: string[] = [];
  const found = new Map<string, User>();
  for (const { record, line } of recordsOf(text, path)) {
    const [token = '', name = '', uid = '', groups = ''] = record.map((field) => field.trim());
    const at = `${path}:${line}`;
    if (record.length < 3)
      problems.push(`${at}: expected TOKEN,USER,UID and perhaps "GROUP,GROUP"; found ${record.length} fields`);
    else if (!token || !name) problems.push(`${at}: neither token nor user may be empty`);
    else if (found.has(token)) problems.push(`${at}: this token stands on an earlier line already`);
    else found.set(token, userOf(name, uid, groups));
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return [...found].map(([token, user]) => ({ token, user }));
}

function recordsOf(text: string, path: string): { record: string[]; line: number }[] {
  const lines: number[] = [];
  try {
    const records: string[][] = parse(text, {
      onRecord: (record, context) => {
        lines.push(context.lines);
        return record;
      },
      comment: '#',
      comment_no_infix: true,
      relax_column_count: true,
      skip_empty_lines: true,
    });
    return records.map((record, index) => ({ record, line: lines[index] }));
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
  }
}

function userOf(name: string, uid: string, groups: string): User {
  const named = groups
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '');
  return { name, ...(uid && { uid }), groups: [...new Set([...named, AUTHENTICATED_GROUP])] };
}
