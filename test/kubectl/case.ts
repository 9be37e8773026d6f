/**
 * A case of the kubectl matrix: shell lines as a user would type them, and what must come back. The lines run in a
 * directory and a namespace of their own; `kubectl` is the version under test, and $NS the namespace.
 */
import type { KubeObject } from '../../core/index.ts';

/** '1.31' */
export type KubectlVersion = string;

export const VERSIONS: readonly KubectlVersion[] = ['1.27', '1.28', '1.29', '1.30', '1.31', '1.32', '1.33'];

/** Every one of them must be found. */
export type Patterns = RegExp | readonly RegExp[];

/** A line that is run to its end. A bare string must end with 0. */
export interface Check {
  run: string;
  /** 0 where it is not said. */
  exit?: number;
  out?: Patterns;
  err?: Patterns;
  /** Must be neither in stdout nor in stderr. */
  lacks?: Patterns;
  /** Run anew until it is as expected, for what comes about in its time. */
  again?: boolean;
}

/** A line that goes on while others are run, and is told to end (SIGINT) by the harness when they are through. */
export interface Meanwhile {
  begin: string;
  /** Seen in its output, the next steps begin. Named groups become variables of the lines that follow: (?<PORT>\d+). */
  ready: RegExp;
  steps: readonly Step[];
  /** Waited for in its output (stdout, then stderr) after the steps. */
  out?: Patterns;
  /** It ends by itself, with this exit code, instead of being told to. */
  exit?: number;
}

export type Step = string | Check | Meanwhile;

export interface KubectlCase {
  name: string;
  /** Made before the steps in the case's namespace, unless they have one or are of the cluster; pods run then. */
  given?: readonly KubeObject[] | ((namespace: string) => readonly KubeObject[]);
  /** Files by name, in the directory where the lines run. $NS is replaced in them. */
  files?: Readonly<Record<string, string>>;
  steps: readonly Step[];
  /** A controller that is not there yet has to act on the objects: listed, and not run. */
  needs?: 'controller';
  /** Among the few that run with `npm test`. */
  telling?: true;
  /** What it does is felt by other cases (it empties a node): run after them, by itself. */
  alone?: true;
  /** Older clients say or can something else: their steps, and why. */
  before?: { version: KubectlVersion; why: string; steps?: readonly Step[] };
}

export interface CaseGroup {
  /** 'get' */
  name: string;
  cases: readonly KubectlCase[];
}
