// A modal with focus kept inside and given back afterwards. Esc closes it; a click outside does not, because a dialog
// here holds something typed.
import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import "./dialog.css";
import "./forms.css";

interface Props { title: string; onClose: () => void; children: ReactNode; wide?: boolean }
export function Dialog({ title, onClose, children, wide = false }: Props) {
  return (
    <ModalOverlay className="overlay" isOpen onOpenChange={(open) => !open && onClose()} isDismissable={false}>
      <Modal className={wide ? "modal wide" : "modal"}>
        <AriaDialog className="dialog">
          <Heading slot="title" className="dialog-title">{title}</Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
