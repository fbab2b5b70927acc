package dev.flotilla.controller.wheels.build;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What matters of native code (ELF, System V ABI, chapters 4 and 5).
 *
 * @param machine {@code e_machine}: for which processor
 * @param needed the libraries that it is linked to, in their order
 */
record ElfFile(int machine, List<String> needed) {
    private static final byte[] MAGIC = {0x7f, 'E', 'L', 'F'};
    private static final int SECTION_BYTES_32 = 40;
    private static final int SECTION_BYTES_64 = 64;
    private static final int DYNAMIC = 6;
    private static final int NEEDED = 1;
    private static final int MOST_NEEDED = 256;
    private static final int LONGEST_NAME = 256;

    /** {@code e_machine} by what {@code uname -m} says. */
    private static final Map<String, Integer> MACHINES =
            Map.of("i686", 3, "ppc64le", 21, "s390x", 22, "armv7l", 40, "x86_64", 62, "aarch64", 183, "riscv64", 243);

    ElfFile {
        needed = List.copyOf(needed);
    }

    static boolean isElf(byte[] begin, int length) {
        return length >= MAGIC.length
                && begin[0] == MAGIC[0]
                && begin[1] == MAGIC[1]
                && begin[2] == MAGIC[2]
                && begin[3] == MAGIC[3];
    }

    /** Whether it runs on this architecture; an unknown one takes everything. */
    boolean runsOn(String architecture) {
        return MACHINES.getOrDefault(architecture, machine) == machine;
    }

    /** Reads the whole file; empty where it isn't sound. */
    static Optional<ElfFile> read(ByteBuffer content) {
        try {
            var begin = new byte[Math.min(MAGIC.length, content.limit())];
            content.get(0, begin);
            return isElf(begin, begin.length) ? Optional.of(parsed(content)) : Optional.empty();
        } catch (IndexOutOfBoundsException | IllegalArgumentException | BufferUnderflowException unsound) {
            return Optional.empty();
        }
    }

    private static ElfFile parsed(ByteBuffer content) {
        boolean wide = content.get(4) == 2;
        ByteBuffer file =
                content.duplicate().order(content.get(5) == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int machine = file.getShort(18) & 0xffff;
        long sections = wide ? file.getLong(40) : file.getInt(32) & 0xffffffffL;
        int count = file.getShort(wide ? 60 : 48) & 0xffff;
        for (int i = 0; i < count; i++) {
            int section = at(file, sections + (long) i * (wide ? SECTION_BYTES_64 : SECTION_BYTES_32));
            if (file.getInt(section + 4) == DYNAMIC) {
                int link = file.getInt(section + (wide ? 40 : 24));
                int strings = at(file, sections + (long) link * (wide ? SECTION_BYTES_64 : SECTION_BYTES_32));
                return new ElfFile(machine, needed(file, section, offset(file, strings, wide), wide));
            }
        }
        return new ElfFile(machine, List.of());
    }

    private static long offset(ByteBuffer file, int section, boolean wide) {
        return wide ? file.getLong(section + 24) : file.getInt(section + 16) & 0xffffffffL;
    }

    private static long size(ByteBuffer file, int section, boolean wide) {
        return wide ? file.getLong(section + 32) : file.getInt(section + 20) & 0xffffffffL;
    }

    private static List<String> needed(ByteBuffer file, int section, long strings, boolean wide) {
        List<String> found = new ArrayList<>();
        long begin = offset(file, section, wide);
        long size = Math.min(size(file, section, wide), file.limit());
        int entry = wide ? 16 : 8;
        for (long at = begin; at + entry <= begin + size && found.size() < MOST_NEEDED; at += entry) {
            int place = at(file, at);
            long tag = wide ? file.getLong(place) : file.getInt(place);
            long value = wide ? file.getLong(place + 8) : file.getInt(place + 4) & 0xffffffffL;
            if (tag == NEEDED) {
                found.add(text(file, at(file, strings + value)));
            }
            if (tag == 0) {
                break;
            }
        }
        return found;
    }

    private static int at(ByteBuffer file, long place) {
        if (place < 0 || place >= file.limit()) {
            throw new IndexOutOfBoundsException("outside of the file");
        }
        return (int) place;
    }

    private static String text(ByteBuffer file, int begin) {
        int end = begin;
        while (file.get(end) != 0 && end - begin < LONGEST_NAME) {
            end++;
        }
        var name = new byte[end - begin];
        file.get(begin, name);
        return new String(name, StandardCharsets.UTF_8).replaceAll("[^\\x21-\\x7e]", "?");
    }
}
