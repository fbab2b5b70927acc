package dev.flotilla.controller.provision;

import java.util.List;

/** Something that has to be done on a machine. Each can be done again without harm. */
public sealed interface Step {
    /** How it stands in a plan: {@code +} something new, {@code ~} something changes. */
    char sign();

    /** One line for people. */
    String text();

    /** The archive goes to the machine: it has none, or another, or a damaged one. */
    record Bring(NodeArchive archive, boolean damaged) implements Step {
        @Override
        public char sign() {
            return damaged ? '~' : '+';
        }

        @Override
        public String text() {
            return "bring the archive " + archive.id() + " (" + archive.size() + ")"
                    + (damaged ? ": the one there isn't it" : "");
        }
    }

    /** Nothing is installed yet. */
    record Install(NodeArchive archive) implements Step {
        @Override
        public char sign() {
            return '+';
        }

        @Override
        public String text() {
            return "install Flotilla " + archive.version() + " (" + archive.id() + ")";
        }
    }

    /** Something else is installed. */
    record Replace(String before, NodeArchive archive) implements Step {
        @Override
        public char sign() {
            return '~';
        }

        @Override
        public String text() {
            return "replace " + before + " by Flotilla " + archive.version() + " (" + archive.id()
                    + "); the mirror goes on serving";
        }
    }

    /** Files of what is installed are missing or have other bytes. */
    record Mend(List<String> files) implements Step {
        public Mend {
            files = List.copyOf(files);
        }

        @Override
        public char sign() {
            return '~';
        }

        @Override
        public String text() {
            return "mend what is missing or has other bytes: " + String.join(", ", files);
        }
    }

    /** A file that tells the node who it is. */
    record Write(String file, boolean isNew) implements Step {
        /** Whether it is the mirror's certificate, which that takes up by itself, with its key, which nobody is shown. */
        public boolean isCertificate() {
            return file.equals(WantedNode.CERTIFICATE);
        }

        @Override
        public char sign() {
            return isNew ? '+' : '~';
        }

        @Override
        public String text() {
            return (isNew ? "write " : "change ")
                    + file
                    + (isCertificate() ? ", the certificate of the mirror's names" : "");
        }
    }

    /** All is as it should be, but for that. */
    record Tidy() implements Step {
        @Override
        public char sign() {
            return '-';
        }

        @Override
        public String text() {
            return "remove what was brought for a step that was broken off";
        }
    }

    /** The agent doesn't run, or not with what is installed. */
    record Start(Reason reason) implements Step {
        /** Why. */
        public enum Reason {
            STOPPED,
            FAILING,
            CHANGED
        }

        @Override
        public char sign() {
            return '~';
        }

        @Override
        public String text() {
            return switch (reason) {
                case STOPPED -> "start the agent: it doesn't run";
                case FAILING -> "start the agent anew: it ends again and again, and flotilla logs tells why";
                case CHANGED -> "start the agent anew";
            };
        }
    }
}
