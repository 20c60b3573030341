import type { TopExit, TopMountOptions } from '../tui/mount.ts';

/** Shows the dashboard until somebody leaves it. */
export async function showTop(options: Omit<TopMountOptions, 'loadInk'>): Promise<TopExit> {
  const { mountTop } = await import('../tui/mount.ts');
  return mountTop({ ...options, loadInk });
}

/**
 * Loads Ink with React's production build: the other one, which is the default, writes a record of each render and keeps
 * them all, so that a dashboard left open grows for ever. React chooses when it is loaded, and never again.
 */
async function loadInk(): Promise<typeof import('../tui/ink-screen.tsx')> {
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    return await import('../tui/ink-screen.tsx');
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  }
}
