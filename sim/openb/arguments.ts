/** What users write for seeds and policies. */
import { ApiError, type Problem } from '../../core/index.ts';
import { POLICIES, type PolicyName, policyNamed } from '../policies/registry.ts';

const MAX_SEEDS = 1000;

/** '42', '42..51' (both ends count), '1,5,42..44'; each once, in the order given. @throws ApiError */
export function parseSeeds(text: string): number[] {
  const problems: Problem[] = [];
  const seeds = new Set<number>();
  for (const part of text.split(',')) {
    const [, from, to = from] = /^\s*(\d+)(?:\.\.(\d+))?\s*$/.exec(part) ?? [];
    const first = Number(from);
    const last = Number(to);
    if (from === undefined)
      problems.push(wrong('--seeds', `'${part.trim()}' is not a seed (42) or a range of them (42..51)`));
    else if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last))
      problems.push(wrong('--seeds', `${part} is too large`));
    else if (last < first) problems.push(wrong('--seeds', `the range ${part} runs backwards`));
    else if (last - first >= MAX_SEEDS) problems.push(wrong('--seeds', `${part} is more than ${MAX_SEEDS} seeds`));
    else for (let seed = first; seed <= last; seed++) seeds.add(seed);
  }
  if (problems.length > 0) throw new ApiError('Invalid', problems);
  return [...seeds];
}

/** 'FGD,random': published names in any case, or 'all'; each once, in the order given. @throws ApiError */
export function parsePolicies(text: string): PolicyName[] {
  if (text.trim().toLowerCase() === 'all') return [...POLICIES];
  const problems: Problem[] = [];
  const policies = new Set<PolicyName>();
  for (const part of text.split(',')) {
    const policy = policyNamed(part);
    if (policy) policies.add(policy);
    else problems.push(wrong('--policy', `'${part.trim()}' is none of ${POLICIES.join(', ')}`));
  }
  if (problems.length > 0) throw new ApiError('Invalid', problems);
  return [...policies];
}

function wrong(path: string, message: string): Problem {
  return { path, message, severity: 'error' };
}
