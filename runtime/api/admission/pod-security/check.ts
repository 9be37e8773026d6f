/** A rule of the Pod Security Standards: at which level and from which version on it holds, and in which form. */
import type { PodView } from './pod-view.ts';

export interface Violation {
  /** 'host namespaces' */
  reason: string;
  /** 'hostNetwork=true' */
  detail: string;
}

export interface CheckForm {
  /** From this minor version on, until the next form. */
  since: number;
  find(pod: PodView): Violation | undefined;
}

export interface Check {
  id: string;
  level: 'baseline' | 'restricted';
  /** Oldest first. */
  forms: readonly CheckForm[];
  /** Of the baseline, said more strictly here: it is not said twice. */
  overrides?: string;
}
