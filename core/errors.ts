/**
 * Wrong input as a value: a Problem names the place and the rule, an ApiError carries every problem at once.
 * A bug is never one of these; it stops the program (assert.ts).
 */

/** Kubernetes' own status reasons. */
export type ApiErrorCode =
  | 'Invalid'
  | 'BadRequest'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Expired'
  | 'Forbidden'
  | 'MethodNotAllowed';

export interface Problem {
  /** The file, or what stands for it. */
  source?: string;
  /** Both count from 1. */
  line?: number;
  column?: number;
  /** 'pod default/web', 'node n1'. */
  object?: string;
  /** 'spec.containers[0].resources.requests.cpu'; empty when the whole object is meant. */
  path: string;
  message: string;
  severity: 'error' | 'warning';
}

export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly problems: readonly Problem[];

  constructor(code: ApiErrorCode, problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(formatProblem).join('\n'), options);
    this.name = 'ApiError';
    this.code = code;
    this.problems = problems;
  }
}

/** 'FILE:LINE:COLUMN: pod default/web: spec.priority: …'; what is unknown is left out, a warning says that it is one. */
export function formatProblem({ source, line, column, object, path, message, severity }: Problem): string {
  const place = [source, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(':');
  const words = severity === 'warning' ? 'warning' : '';
  return [place, words, object, path, message].filter((part) => part).join(': ');
}

/** Warnings let the input pass, one error refuses it. */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

export function errorsOf(problems: readonly Problem[]): Problem[] {
  return problems.filter(({ severity }) => severity === 'error');
}
