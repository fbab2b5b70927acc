package dev.flotilla.controller.wheels.build;

import dev.flotilla.controller.wheels.requirement.VersionSpecifiers;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.Machine;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import dev.flotilla.vocabulary.WheelName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a wheel has to show before it counts (PEP 427, PEP 376, core metadata). It comes from where somebody else's code ran, and nothing in it is
 * believed: each file is unpacked, counted and compared. Safe for many threads.
 *
 * @param most of all that it unpacks to
 */
record WheelCheck(Machine machine, Interpreter interpreter, ByteSize most) {
    private static final Pattern DIST_INFO = Pattern.compile("([^/]+)\\.dist-info/([^/].*)");
    private static final Pattern DATA = Pattern.compile("([^/]+)\\.data/([^/]+)/.+");
    private static final Set<String> PLACES = Set.of("purelib", "platlib", "scripts", "headers", "data");
    private static final Set<String> UNRECORDED = Set.of("RECORD", "RECORD.jws", "RECORD.p7s");
    private static final Set<String> READ = Set.of("METADATA", "WHEEL", "RECORD");

    /** Native code that is larger is laid down on the disk to be looked into. */
    private static final int LARGEST_IN_MEMORY = 8 << 20;

    /** As much of a file as can be looked into at once. */
    private static final long LARGEST_NATIVE = Integer.MAX_VALUE;

    /** A file's name has all of it. */
    private static final int LONGEST_TAG = 255;

    /** Of what is read as text: a record of some ten thousand files has two. */
    private static final int LARGEST_READ = 4 << 20;

    /**
     * A wheel that has shown all of that.
     *
     * @param requires what it needs itself
     * @param metadata the digest of its {@code METADATA}
     * @param libraries that its native code is linked to and that aren't in it, in order
     * @param isNative whether it has native code
     * @param files the digest of each, by name
     */
    record Sound(
            WheelName name,
            String version,
            Optional<String> requiresPython,
            List<String> requires,
            Sha256 metadata,
            List<String> libraries,
            boolean isNative,
            Map<String, Sha256> files) {}

    /**
     * Judges {@code wheel}.
     *
     * @param filename that it is said to have
     * @param project of which it has to be
     * @param isWanted whether a version is the one that was asked for
     */
    Sound judge(Path wheel, String filename, ProjectName project, Predicate<String> isWanted)
            throws IOException, UnsoundWheelException {
        WheelName name = WheelName.parse(filename)
                .orElseThrow(() -> new UnsoundWheelException(
                        "'" + filename.replaceAll("\\p{Cntrl}", "?") + "' is no wheel's name"));
        if (!name.project().equals(project) || !isWanted.test(name.version())) {
            throw new UnsoundWheelException(filename + " isn't a wheel of what was asked for");
        }
        if (!name.fits(interpreter, machine)) {
            throw new UnsoundWheelException(
                    filename + " doesn't fit the CPython and the machine for which it was built");
        }
        Contents contents;
        try (var zip = StrictZip.open(wheel, most)) {
            contents = contents(zip);
        }
        String info = distInfo(contents.files().keySet(), name, isWanted);
        HeaderFile metadata = HeaderFile.read("METADATA", contents.text(info + "/METADATA"));
        requireSame(metadata, project, isWanted);
        requireSameTags(HeaderFile.read("WHEEL", contents.text(info + "/WHEEL")), name);
        requireRecorded(RecordFile.read(contents.text(info + "/RECORD")), contents, info);
        requireSoundNative(contents, name, filename);
        Content metadataFile =
                Optional.ofNullable(contents.files().get(info + "/METADATA")).orElseThrow();
        return new Sound(
                name,
                metadata.required("Version"),
                requiresPython(metadata),
                metadata.all("Requires-Dist"),
                metadataFile.digest(),
                contents.libraries(),
                !contents.elves().isEmpty(),
                contents.digests());
    }

    /** Clients and mirrors read it, and one that they can't read would cost all wheels of the platform. */
    private static Optional<String> requiresPython(HeaderFile metadata) throws UnsoundWheelException {
        Optional<String> said = metadata.one("Requires-Python").filter(text -> !text.isBlank());
        if (said.isPresent() && !VersionSpecifiers.isPlain(said.get())) {
            throw new UnsoundWheelException("its Requires-Python says no versions");
        }
        return said;
    }

    /** What a wheel of the index needs itself; it is no more believed than others. */
    static List<String> requires(Path wheel, ByteSize most) throws IOException, UnsoundWheelException {
        try (var zip = StrictZip.open(wheel, most)) {
            Contents contents = contents(zip);
            String metadata = contents.kept().keySet().stream()
                    .filter(name -> name.endsWith(".dist-info/METADATA"))
                    .findFirst()
                    .orElseThrow(() -> new UnsoundWheelException("it has no METADATA"));
            return HeaderFile.read("METADATA", contents.text(metadata)).all("Requires-Dist");
        }
    }

    /** What a file of the wheel is. */
    private record Content(Sha256 digest, long size) {}

    /** @param kept what is read of it, by name */
    private record Contents(Map<String, Content> files, Map<String, byte[]> kept, Map<String, ElfFile> elves) {
        String text(String name) throws UnsoundWheelException {
            byte[] bytes = kept.get(name);
            if (bytes == null) {
                throw new UnsoundWheelException("it has no " + name);
            }
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
            } catch (CharacterCodingException other) {
                throw new UnsoundWheelException(name + " is not UTF-8");
            }
        }

        Map<String, Sha256> digests() {
            var digests = new TreeMap<String, Sha256>();
            files.forEach((name, content) -> digests.put(name, content.digest()));
            return digests;
        }

        List<String> libraries() {
            Set<String> own = new HashSet<>();
            files.keySet().forEach(name -> own.add(name.substring(name.lastIndexOf('/') + 1)));
            var linked = new TreeSet<String>();
            elves.values().forEach(elf -> linked.addAll(elf.needed()));
            linked.removeAll(own);
            return List.copyOf(linked);
        }
    }

    private static Contents contents(StrictZip zip) throws IOException, UnsoundWheelException {
        Map<String, Content> files = new HashMap<>();
        Map<String, byte[]> kept = new HashMap<>();
        Map<String, ElfFile> elves = new TreeMap<>();
        for (ZipEntry entry : zip.entries().values()) {
            if (entry.isFolder()) {
                continue;
            }
            Matcher info = DIST_INFO.matcher(entry.name());
            boolean read = info.matches() && READ.contains(info.group(2));
            if (read && kept.size() >= READ.size()) {
                throw new UnsoundWheelException(
                        "it has not the one folder of metadata that its name calls for, but several");
            }
            try (var taken = new Taken(entry.name(), read)) {
                zip.unpack(entry, taken);
                files.put(entry.name(), new Content(Sha256.finish(taken.digester), entry.size()));
                if (read) {
                    kept.put(entry.name(), taken.memory.toByteArray());
                } else if (taken.keeping) {
                    if (entry.size() > LARGEST_NATIVE) {
                        throw new UnsoundWheelException(
                                entry.name() + " is native code of more than " + LARGEST_NATIVE + " bytes");
                    }
                    elves.put(entry.name(), taken.elf().orElse(new ElfFile(0, List.of())));
                }
            }
        }
        return new Contents(files, kept, elves);
    }

    /** Digests a file, and keeps it where it is to be read or is native code. */
    private static final class Taken implements StrictZip.Taker, AutoCloseable {
        private final MessageDigest digester = Sha256.digester();
        private final ByteArrayOutputStream memory = new ByteArrayOutputStream();
        private final String name;
        private final boolean read;
        private boolean begun;
        private boolean keeping;
        private Optional<FileChannel> disk = Optional.empty();

        Taken(String name, boolean read) {
            this.name = name;
            this.read = read;
        }

        @Override
        public void take(byte[] bytes, int length) throws IOException, UnsoundWheelException {
            digester.update(bytes, 0, length);
            if (!begun && length > 0) {
                begun = true;
                keeping = read || ElfFile.isElf(bytes, length);
            }
            if (keeping) {
                keep(bytes, length);
            }
        }

        private void keep(byte[] bytes, int length) throws IOException, UnsoundWheelException {
            if (read && memory.size() + length > LARGEST_READ) {
                throw new UnsoundWheelException(name + " is larger than " + LARGEST_READ + " bytes");
            }
            if (disk.isEmpty() && !read && memory.size() + length > LARGEST_IN_MEMORY) {
                // Gone from its folder with the program, however that ends.
                disk = Optional.of(FileChannel.open(
                        Files.createTempFile("flotilla-native", ""),
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE));
                write(memory.toByteArray(), memory.size());
                memory.reset();
            }
            if (disk.isPresent()) {
                write(bytes, length);
            } else {
                memory.write(bytes, 0, length);
            }
        }

        private void write(byte[] bytes, int length) throws IOException {
            ByteBuffer rest = ByteBuffer.wrap(bytes, 0, length);
            while (rest.hasRemaining()) {
                disk.orElseThrow().write(rest);
            }
        }

        /** It as native code; empty where that isn't sound. */
        Optional<ElfFile> elf() throws IOException {
            if (disk.isEmpty()) {
                return ElfFile.read(ByteBuffer.wrap(memory.toByteArray()));
            }
            FileChannel file = disk.get();
            try (Arena mapped = Arena.ofConfined()) {
                return ElfFile.read(file.map(FileChannel.MapMode.READ_ONLY, 0, file.size(), mapped)
                        .asByteBuffer());
            }
        }

        @Override
        public void close() throws IOException {
            if (disk.isPresent()) {
                disk.get().close();
            }
        }
    }

    /** The one folder of metadata, without a slash. */
    private static String distInfo(Set<String> files, WheelName name, Predicate<String> isWanted)
            throws UnsoundWheelException {
        Set<String> found = new TreeSet<>();
        for (String file : files) {
            Matcher info = DIST_INFO.matcher(file);
            if (info.matches()) {
                found.add(info.group(1));
            }
            Matcher data = DATA.matcher(file);
            if (file.contains(".data/") && data.matches()) {
                if (!isOf(data.group(1), name, isWanted) || !PLACES.contains(data.group(2))) {
                    throw new UnsoundWheelException(file + " is to be installed where no wheel has anything to do");
                }
            }
        }
        if (found.size() != 1 || !isOf(found.iterator().next(), name, isWanted)) {
            throw new UnsoundWheelException(
                    "it has not the one folder of metadata that its name calls for, but " + found);
        }
        return found.iterator().next() + ".dist-info";
    }

    private static boolean isOf(String folder, WheelName name, Predicate<String> isWanted) {
        int dash = folder.lastIndexOf('-');
        return dash > 0
                && ProjectName.isValid(folder.substring(0, dash))
                && ProjectName.of(folder.substring(0, dash)).equals(name.project())
                && isWanted.test(folder.substring(dash + 1));
    }

    private static void requireSame(HeaderFile metadata, ProjectName project, Predicate<String> isWanted)
            throws UnsoundWheelException {
        String said = metadata.required("Name");
        if (!ProjectName.isValid(said) || !ProjectName.of(said).equals(project)) {
            throw new UnsoundWheelException("METADATA says that its name is " + said + ", and not " + project);
        }
        String version = metadata.required("Version");
        if (!isWanted.test(version)) {
            throw new UnsoundWheelException(
                    "METADATA says that its version is " + version + ", which isn't the one asked for");
        }
    }

    private static void requireSameTags(HeaderFile wheel, WheelName name) throws UnsoundWheelException {
        if (!wheel.required("Wheel-Version").startsWith("1.")) {
            throw new UnsoundWheelException("WHEEL says a version of the format that isn't 1");
        }
        Set<String> named = new TreeSet<>();
        name.pythons()
                .forEach(python -> name.abis()
                        .forEach(abi ->
                                name.platforms().forEach(platform -> named.add(python + "-" + abi + "-" + platform))));
        Set<String> said = new TreeSet<>();
        for (String tag : wheel.all("Tag")) {
            String[] parts = tag.split("-", -1);
            if (parts.length != 3) {
                throw new UnsoundWheelException("WHEEL has a tag that is none: " + tag);
            }
            if (tag.length() > LONGEST_TAG) {
                throw new UnsoundWheelException("WHEEL has a tag of " + tag.length() + " characters");
            }
            // Of compressed sets, which some back ends write there, all combinations.
            for (String python : parts[0].split("\\.", -1)) {
                for (String abi : parts[1].split("\\.", -1)) {
                    for (String platform : parts[2].split("\\.", -1)) {
                        said.add(python + "-" + abi + "-" + platform);
                    }
                }
            }
        }
        if (!said.equals(named)) {
            throw new UnsoundWheelException("WHEEL says the tags " + said + ", and its name says " + named);
        }
    }

    private static void requireRecorded(RecordFile record, Contents contents, String info)
            throws UnsoundWheelException {
        for (Map.Entry<String, Content> file : contents.files().entrySet()) {
            String name = file.getKey();
            boolean unrecorded = name.startsWith(info + "/") && UNRECORDED.contains(name.substring(info.length() + 1));
            Optional<RecordFile.Row> row = record.rows().getOrDefault(name, Optional.empty());
            if (row.isEmpty() && !unrecorded) {
                throw new UnsoundWheelException("RECORD has no digest of " + name);
            }
            if (row.isPresent()
                    && !row.get()
                            .equals(new RecordFile.Row(
                                    file.getValue().digest(), file.getValue().size()))) {
                throw new UnsoundWheelException(name + " isn't what RECORD says");
            }
        }
        for (String name : record.rows().keySet()) {
            if (!contents.files().containsKey(name)) {
                throw new UnsoundWheelException("RECORD names " + name + ", which isn't there");
            }
        }
    }

    private void requireSoundNative(Contents contents, WheelName name, String filename) throws UnsoundWheelException {
        for (Map.Entry<String, ElfFile> elf : contents.elves().entrySet()) {
            boolean loaded = elf.getKey().endsWith(".so") || elf.getKey().contains(".so.");
            if (loaded && name.platforms().contains("any")) {
                throw new UnsoundWheelException(
                        filename + " says that it fits every machine, and has native code in it: " + elf.getKey());
            }
            if (loaded && !elf.getValue().runsOn(machine.architecture())) {
                throw new UnsoundWheelException(
                        elf.getKey() + " is for another processor than " + machine.architecture());
            }
        }
    }
}
