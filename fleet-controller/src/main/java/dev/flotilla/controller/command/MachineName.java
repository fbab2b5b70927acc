package dev.flotilla.controller.command;

import picocli.CommandLine.ITypeConverter;

/** Machines as people name them where host keys are concerned: those of a place, or a jump host. */
sealed interface MachineName {
    /** How a jump host's name begins. A region of that name has its nodes reached by its own name alone. */
    String JUMP = "jump/";

    record At(Place place) implements MachineName {
        @Override
        public String toString() {
            return place.toString();
        }
    }

    /** A jump host by the whole of its name, {@code jump/…}. */
    record Jump(String name) implements MachineName {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Reads it from the command line. */
    final class Written implements ITypeConverter<MachineName> {
        private final Place.Written place = new Place.Written();

        @Override
        public MachineName convert(String text) {
            return text.startsWith(JUMP) ? new Jump(text) : new At(place.convert(text));
        }
    }
}
