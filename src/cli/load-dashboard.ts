/**
 * Loads the dashboard with React's production build: the other one, which is the default, writes a record of each render and
 * keeps them all, so that a dashboard left open grows for ever. React chooses when it is loaded, and never again.
 */
export async function loadDashboard(): Promise<typeof import('../tui/mount.tsx')> {
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    return await import('../tui/mount.tsx');
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  }
}
