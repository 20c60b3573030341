import { Box } from 'ink';
import { layOut } from '../layout.ts';
import type { TopState } from '../state.ts';
import { Detail } from './detail.tsx';
import { Footer } from './footer.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { LogPane } from './log-pane.tsx';
import { Table } from './table.tsx';
import { Tabs } from './tabs.tsx';

/** The whole screen: a state in, text out. */
export function Screen({ state }: { state: TopState }) {
  const { overlay, size } = state;
  const { rows, explanation, log } = layOut(state);
  const height = 1 + rows + explanation;
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows}>
      <Header state={state} />
      <Tabs state={state} />
      {overlay?.kind === 'help' && <Help state={state} top={overlay.top} height={height} />}
      {overlay?.kind === 'detail' && <Detail state={state} overlay={overlay} height={height} />}
      {overlay?.kind !== 'help' && overlay?.kind !== 'detail' && <Table state={state} />}
      {log > 0 && <LogPane state={state} height={log} />}
      <Footer state={state} />
    </Box>
  );
}
