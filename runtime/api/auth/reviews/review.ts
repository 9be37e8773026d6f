/** What the review kinds share: objects that are answered, not stored. Source: Kubernetes v1.36, pkg/apis/authorization/validation. */
import type { KubeObject } from '../../../../core/index.ts';
import { invalid, type StatusCause } from '../../http/status.ts';
import { isMap } from '../../object.ts';
import type { User } from '../../request.ts';

/** A review as it comes in; the schema has checked the types of its fields. */
export interface Review extends KubeObject {
  spec?: Record<string, unknown>;
}

export interface UserInfo {
  username: string;
  uid?: string;
  groups?: readonly string[];
  extra?: Readonly<Record<string, readonly string[]>>;
}

/** The review with its status; spec and metadata are sent back as they came. */
export function answered(review: Review, status: Record<string, unknown>): KubeObject {
  const { metadata } = review;
  return { ...review, metadata: metadata ?? {}, status } as KubeObject;
}

/** Throws Invalid with all of `causes`, if there are any. */
export function refuse(review: Review, group: string, causes: readonly StatusCause[]): void {
  if (causes.length > 0) throw invalid(group, review.kind, review.metadata?.name ?? '', causes);
}

export function userInfo({ name, uid, groups, extra }: User): UserInfo {
  return { username: name, ...(uid && { uid }), groups, ...(extra && { extra }) };
}

/** Field `name` of `of` as text; '' when it is absent. */
export function textOf(of: unknown, name: string): string {
  const value = isMap(of) ? of[name] : undefined;
  return typeof value === 'string' ? value : '';
}

export function textsOf(of: unknown, name: string): string[] {
  const value = isMap(of) ? of[name] : undefined;
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** Field `name` of `of` as a map of texts to lists of texts: the extra of a user. */
export function extraOf(of: unknown, name: string): Record<string, string[]> | undefined {
  const value = isMap(of) ? of[name] : undefined;
  return isMap(value) ? Object.fromEntries(Object.keys(value).map((key) => [key, textsOf(value, key)])) : undefined;
}
