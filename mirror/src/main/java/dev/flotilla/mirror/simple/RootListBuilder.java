package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.ProjectName;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Collects the names of a {@link RootList} in any order, without an object for each. For one thread. */
final class RootListBuilder {
    private static final int FIRST_NAMES = 1024;

    private final int most;
    private byte[] names = new byte[FIRST_NAMES * 16];
    private int[] starts = new int[FIRST_NAMES];
    private int count;

    RootListBuilder(int most) {
        this.most = most;
    }

    /** Adds a name; false where there are as many as there may be. */
    boolean add(ProjectName project) {
        if (count == most) {
            return false;
        }
        byte[] name = project.normal().getBytes(StandardCharsets.US_ASCII);
        int start = starts[count];
        if (count + 2 > starts.length) {
            starts = Arrays.copyOf(starts, starts.length * 2);
        }
        if (start + name.length > names.length) {
            names = Arrays.copyOf(names, names.length * 2);
        }
        System.arraycopy(name, 0, names, start, name.length);
        count++;
        starts[count] = start + name.length;
        return true;
    }

    RootList build() {
        int[] order = sorted();
        byte[] sortedNames = new byte[starts[count]];
        int[] sortedStarts = new int[count + 1];
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (i > 0 && compare(order[i - 1], order[i]) == 0) {
                continue;
            }
            int length = starts[order[i] + 1] - starts[order[i]];
            System.arraycopy(names, starts[order[i]], sortedNames, sortedStarts[kept], length);
            sortedStarts[kept + 1] = sortedStarts[kept] + length;
            kept++;
        }
        return new RootList(Arrays.copyOf(sortedNames, sortedStarts[kept]), Arrays.copyOf(sortedStarts, kept + 1));
    }

    /** The names' indexes by a bottom-up merge sort, since the library sorts only boxed numbers by a comparison of ours. */
    private int[] sorted() {
        int[] from = new int[count];
        for (int i = 0; i < count; i++) {
            from[i] = i;
        }
        int[] to = new int[count];
        for (int width = 1; width < count; width = width > count / 2 ? count : width * 2) {
            for (int low = 0; low < count; low = Math.min(count, low + 2 * width)) {
                merge(from, to, low, Math.min(count, low + width), Math.min(count, low + 2 * width));
            }
            int[] swap = from;
            from = to;
            to = swap;
        }
        return from;
    }

    private void merge(int[] from, int[] to, int low, int middle, int high) {
        int left = low;
        int right = middle;
        for (int i = low; i < high; i++) {
            to[i] = right == high || (left < middle && compare(from[left], from[right]) <= 0)
                    ? from[left++]
                    : from[right++];
        }
    }

    private int compare(int a, int b) {
        return Arrays.compare(names, starts[a], starts[a + 1], names, starts[b], starts[b + 1]);
    }
}
