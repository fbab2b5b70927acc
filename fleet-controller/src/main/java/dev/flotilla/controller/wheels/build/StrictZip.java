package dev.flotilla.controller.wheels.build;

import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads a ZIP archive (APPNOTE.TXT 6.3) of which two readers can't make two things: the entries fill the file from its first byte to the central
 * directory, without gaps and in no other place; each agrees with its own header; no name comes twice, leads anywhere but below
 * the archive's folder, or is a folder and a file. Of what archives can be, much is refused that wheels never are: several disks, ZIP64, encryption, links, comments.
 * For one thread.
 */
final class StrictZip implements AutoCloseable {
    private static final int LOCAL = 0x04034b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int DESCRIPTOR = 0x08074b50;
    private static final int LOCAL_BYTES = 30;
    private static final int CENTRAL_BYTES = 46;
    private static final int END_BYTES = 22;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;
    private static final int ENCRYPTED = 1 | 1 << 6 | 1 << 13;
    private static final int DESCRIPTOR_FOLLOWS = 1 << 3;
    private static final int ZIP64_FIELD = 0x0001;
    private static final int OTHER_NAME_FIELD = 0x7075;
    private static final int KIND_OF_FILE = 0xf000;
    private static final int REGULAR = 0x8000;
    private static final int FOLDER = 0x4000;
    private static final int UNIX = 3;
    private static final int LONGEST_NAME = 1024;
    private static final int LARGEST_DIRECTORY = 64 << 20;
    private static final int BLOCK_BYTES = 64 << 10;

    /** Text and tables come to some tenth of their size; the method itself ends at a thousandth. */
    private static final int MOST_RATIO = 200;

    /** Below this size nobody minds the ratio. */
    private static final ByteSize RATIO_COUNTS = ByteSize.ofMiB(16);

    private final FileChannel channel;
    private final long length;
    private final Map<String, ZipEntry> entries = new LinkedHashMap<>();

    private StrictZip(FileChannel channel) throws IOException {
        this.channel = channel;
        this.length = channel.size();
    }

    /** Takes the bytes of an entry, part by part. */
    interface Taker {
        void take(byte[] bytes, int length) throws IOException, UnsoundWheelException;
    }

    /** @param most of all that it unpacks to */
    static StrictZip open(Path file, ByteSize most) throws IOException, UnsoundWheelException {
        var zip = new StrictZip(FileChannel.open(file, StandardOpenOption.READ));
        try {
            zip.readDirectory(most);
        } catch (IOException | UnsoundWheelException | RuntimeException failed) {
            zip.close();
            throw failed;
        }
        return zip;
    }

    /** By name, in the order of the file. */
    Map<String, ZipEntry> entries() {
        return entries;
    }

    private void readDirectory(ByteSize most) throws IOException, UnsoundWheelException {
        if (length < END_BYTES) {
            throw new UnsoundWheelException("it is no ZIP archive");
        }
        ByteBuffer end = read(length - END_BYTES, END_BYTES);
        if (end.getInt() != END) {
            throw new UnsoundWheelException("it is no ZIP archive, or something stands behind its end");
        }
        boolean one = end.getShort() == 0;
        one &= end.getShort() == 0;
        int here = end.getShort() & 0xffff;
        int count = end.getShort() & 0xffff;
        long size = end.getInt() & 0xffffffffL;
        long begin = end.getInt() & 0xffffffffL;
        if (!one || here != count || end.getShort() != 0) {
            throw new UnsoundWheelException("the archive has several disks, or a comment");
        }
        if (count == 0xffff || begin + size != length - END_BYTES || size > LARGEST_DIRECTORY) {
            throw new UnsoundWheelException("the archive's directory isn't where its end says, or is too large");
        }
        ByteBuffer directory = read(begin, (int) size);
        List<ZipEntry> found = new ArrayList<>();
        long at = 0;
        long unpacked = 0;
        for (int i = 0; i < count; i++) {
            Central central = central(directory);
            if (central.offset() != at) {
                throw new UnsoundWheelException(
                        "between the archive's entries is something else, before " + central.name());
            }
            ZipEntry entry = local(central);
            at = entry.begin() + entry.packed() + descriptor(central, entry);
            unpacked += entry.size();
            found.add(entry);
        }
        if (directory.hasRemaining() || at != begin) {
            throw new UnsoundWheelException("the archive has more in it than its directory says");
        }
        if (unpacked > most.bytes()
                || (unpacked > RATIO_COUNTS.bytes() && unpacked / Math.max(length, 1) > MOST_RATIO)) {
            throw new UnsoundWheelException(
                    "the archive unpacks to " + new ByteSize(unpacked) + ", out of " + new ByteSize(length));
        }
        name(found);
    }

    /** An entry of the directory. */
    private record Central(String name, int flags, int method, long checksum, long packed, long size, long offset) {}

    private static Central central(ByteBuffer directory) throws UnsoundWheelException {
        if (directory.remaining() < CENTRAL_BYTES || directory.getInt() != CENTRAL) {
            throw new UnsoundWheelException("the archive's directory can't be read");
        }
        int madeBy = directory.getShort() >> 8 & 0xff;
        directory.getShort();
        int flags = directory.getShort() & 0xffff;
        int method = directory.getShort() & 0xffff;
        directory.getInt();
        long checksum = directory.getInt() & 0xffffffffL;
        long packed = directory.getInt() & 0xffffffffL;
        long size = directory.getInt() & 0xffffffffL;
        int nameBytes = directory.getShort() & 0xffff;
        int extraBytes = directory.getShort() & 0xffff;
        int commentBytes = directory.getShort() & 0xffff;
        int disk = directory.getShort();
        directory.getShort();
        int mode = directory.getInt() >>> 16;
        long offset = directory.getInt() & 0xffffffffL;
        if (directory.remaining() < nameBytes + extraBytes + commentBytes) {
            throw new UnsoundWheelException("the archive's directory can't be read");
        }
        String name = name(directory, nameBytes, flags);
        refuseFields(directory, extraBytes, name);
        if (commentBytes != 0 || disk != 0) {
            throw new UnsoundWheelException(name + " has a comment, or is on another disk");
        }
        if ((flags & ENCRYPTED) != 0) {
            throw new UnsoundWheelException(name + " is encrypted");
        }
        if (method != STORED && method != DEFLATED) {
            throw new UnsoundWheelException(name + " is compressed by a method that not every reader has");
        }
        int kind = madeBy == UNIX ? mode & KIND_OF_FILE : 0;
        if (kind != 0 && kind != (name.endsWith("/") ? FOLDER : REGULAR)) {
            throw new UnsoundWheelException(name + " is no file: links and devices have no place in a wheel");
        }
        if (name.endsWith("/") && (size != 0 || packed > 2)) {
            throw new UnsoundWheelException(name + " is a folder, and has content");
        }
        return new Central(name, flags, method, checksum, packed, size, offset);
    }

    private static String name(ByteBuffer from, int bytes, int flags) throws UnsoundWheelException {
        ByteBuffer name = from.slice(from.position(), bytes);
        from.position(from.position() + bytes);
        // Without its flag, bytes beyond ASCII mean something else to each reader.
        var letters = (flags & 1 << 11) != 0 ? StandardCharsets.UTF_8 : StandardCharsets.US_ASCII;
        try {
            String text = letters.newDecoder().decode(name).toString();
            if (bytes == 0 || bytes > LONGEST_NAME || !isPlain(text)) {
                throw new UnsoundWheelException(
                        "the archive has an entry that leads out of its folder, or has no plain name: "
                                + text.replaceAll("\\p{Cntrl}", "?"));
            }
            return text;
        } catch (CharacterCodingException other) {
            throw new UnsoundWheelException("the archive has a name in it that isn't in Unicode");
        }
    }

    private static boolean isPlain(String name) {
        String path = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
        for (String part : path.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                return false;
            }
        }
        return name.chars().noneMatch(c -> c < ' ' || c == 0x7f || c == '\\' || c == ':');
    }

    private static void refuseFields(ByteBuffer from, int bytes, String name) throws UnsoundWheelException {
        ByteBuffer fields = from.slice(from.position(), bytes).order(ByteOrder.LITTLE_ENDIAN);
        from.position(from.position() + bytes);
        while (fields.remaining() >= 4) {
            int kind = fields.getShort() & 0xffff;
            int size = fields.getShort() & 0xffff;
            if (kind == ZIP64_FIELD || kind == OTHER_NAME_FIELD || size > fields.remaining()) {
                throw new UnsoundWheelException(name + " has another size or another name beside its own");
            }
            fields.position(fields.position() + size);
        }
        if (fields.hasRemaining()) {
            throw new UnsoundWheelException(name + " has something behind its fields");
        }
    }

    private ZipEntry local(Central central) throws IOException, UnsoundWheelException {
        ByteBuffer header = read(central.offset(), LOCAL_BYTES);
        if (header.getInt() != LOCAL) {
            throw new UnsoundWheelException(central.name() + " isn't where the archive's directory says");
        }
        header.getShort();
        int flags = header.getShort() & 0xffff;
        int method = header.getShort() & 0xffff;
        header.getInt();
        long checksum = header.getInt() & 0xffffffffL;
        long packed = header.getInt() & 0xffffffffL;
        long size = header.getInt() & 0xffffffffL;
        int nameBytes = header.getShort() & 0xffff;
        int extraBytes = header.getShort() & 0xffff;
        ByteBuffer behind = read(central.offset() + LOCAL_BYTES, nameBytes + extraBytes);
        String name = name(behind, nameBytes, flags);
        refuseFields(behind, extraBytes, name);
        boolean later = (flags & DESCRIPTOR_FOLLOWS) != 0;
        boolean same = name.equals(central.name())
                && flags == central.flags()
                && method == central.method()
                && agrees(checksum, central.checksum(), later)
                && agrees(packed, central.packed(), later)
                && agrees(size, central.size(), later);
        if (!same) {
            throw new UnsoundWheelException(
                    central.name() + " is something else in the archive's directory than in itself");
        }
        long begin = central.offset() + LOCAL_BYTES + nameBytes + extraBytes;
        return new ZipEntry(name, method, begin, central.packed(), central.size(), central.checksum());
    }

    private static boolean agrees(long own, long inDirectory, boolean later) {
        return own == inDirectory || (later && own == 0);
    }

    /** How many bytes follow an entry that says its size behind itself. */
    private int descriptor(Central central, ZipEntry entry) throws IOException, UnsoundWheelException {
        if ((central.flags() & DESCRIPTOR_FOLLOWS) == 0) {
            return 0;
        }
        int bytes = 16;
        ByteBuffer descriptor = read(entry.begin() + entry.packed(), bytes);
        boolean right = descriptor.getInt() == DESCRIPTOR
                && (descriptor.getInt() & 0xffffffffL) == central.checksum()
                && (descriptor.getInt() & 0xffffffffL) == central.packed()
                && (descriptor.getInt() & 0xffffffffL) == central.size();
        if (!right) {
            throw new UnsoundWheelException(
                    central.name() + " says another size behind itself than in the archive's directory");
        }
        return bytes;
    }

    private void name(List<ZipEntry> found) throws UnsoundWheelException {
        Set<String> folders = new HashSet<>();
        for (ZipEntry entry : found) {
            if (entries.put(entry.name(), entry) != null) {
                throw new UnsoundWheelException(entry.name() + " is in the archive twice");
            }
            String path =
                    entry.isFolder() ? entry.name().substring(0, entry.name().length() - 1) : entry.name();
            for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
                folders.add(path.substring(0, slash));
            }
            if (entry.isFolder()) {
                folders.add(path);
            }
        }
        for (String folder : folders) {
            if (entries.containsKey(folder)) {
                throw new UnsoundWheelException(folder + " is a folder and a file in the archive");
            }
        }
    }

    /** Gives all of an entry's content to {@code taker}, and makes sure that it is what the directory says. */
    void unpack(ZipEntry entry, Taker taker) throws IOException, UnsoundWheelException {
        var checksum = new CRC32();
        long size = entry.method() == STORED ? copy(entry, taker, checksum) : inflate(entry, taker, checksum);
        if (size != entry.size() || checksum.getValue() != entry.checksum()) {
            throw new UnsoundWheelException(entry.name() + " isn't what the archive's directory says");
        }
    }

    private long copy(ZipEntry entry, Taker taker, CRC32 checksum) throws IOException, UnsoundWheelException {
        for (long done = 0; done < entry.packed(); ) {
            int part = (int) Math.min(BLOCK_BYTES, entry.packed() - done);
            byte[] bytes = read(entry.begin() + done, part).array();
            checksum.update(bytes, 0, part);
            taker.take(bytes, part);
            done += part;
        }
        return entry.packed();
    }

    private long inflate(ZipEntry entry, Taker taker, CRC32 checksum) throws IOException, UnsoundWheelException {
        var inflater = new Inflater(true);
        byte[] out = new byte[BLOCK_BYTES];
        long done = 0;
        long size = 0;
        try {
            while (!inflater.finished()) {
                if (inflater.needsInput() && done < entry.packed()) {
                    int part = (int) Math.min(BLOCK_BYTES, entry.packed() - done);
                    inflater.setInput(read(entry.begin() + done, part).array());
                    done += part;
                }
                int made = inflater.inflate(out);
                if (made == 0 && !inflater.finished() && (inflater.needsDictionary() || done == entry.packed())) {
                    throw new UnsoundWheelException(entry.name() + " ends in the middle");
                }
                size += made;
                if (size > entry.size()) {
                    throw new UnsoundWheelException(
                            entry.name() + " unpacks to more than the archive's directory says");
                }
                checksum.update(out, 0, made);
                taker.take(out, made);
            }
            if (done != entry.packed() || inflater.getRemaining() != 0) {
                throw new UnsoundWheelException(entry.name() + " has something behind its content");
            }
            return size;
        } catch (DataFormatException broken) {
            throw new UnsoundWheelException(entry.name() + " can't be unpacked: " + broken.getMessage());
        } finally {
            inflater.end();
        }
    }

    private ByteBuffer read(long begin, int bytes) throws IOException, UnsoundWheelException {
        if (begin < 0 || begin + bytes > length) {
            throw new UnsoundWheelException("the archive ends in the middle");
        }
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, begin + buffer.position()) < 0) {
                throw new UnsoundWheelException("the archive ends in the middle");
            }
        }
        return buffer.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
