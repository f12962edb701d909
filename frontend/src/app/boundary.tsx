// Keeps a screen's programming error from taking the whole app, and drafts, with it.
import { Component, type ReactNode } from "react";
import { useCommon } from "@/i18n";
import { useText } from "./text";

function Broken({ retry }: { retry: () => void }) {
  const t = useText();
  const common = useCommon();
  return (
    <div className="broken" role="alert">
      <h1>{t("broken")}</h1>
      <p>{t("brokenHint")}</p>
      <button type="button" className="btn p" onClick={retry}>{common("retry")}</button>
    </div>
  );
}

interface Props { children: ReactNode; resetOn?: string }
export class Boundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  override componentDidUpdate(before: Props) {
    if (this.state.failed && before.resetOn !== this.props.resetOn) this.setState({ failed: false });
  }
  override render() {
    return this.state.failed ? <Broken retry={() => this.setState({ failed: false })} /> : this.props.children;
  }
}
